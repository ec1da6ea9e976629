#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';

import { type CommandLine, EXIT } from './tools/cli/command-line';
import { runCommandLine } from './tools/cli/program';

const { stdin, stdout, stderr } = process;

// Module state: the command is a process of its own.
const line: CommandLine = { cwd: process.cwd(), stdin, stdout, stderr, exitCode: EXIT.done };

// `write` tells as well; without a listener the process would end with a stack trace.
stdout.on('error', () => process.exit(line.exitCode));
process.on('uncaughtException', endWithFault);

// Modules that were imported may have begun what keeps the process alive.
runCommandLine(process.argv.slice(2), line).then(() => process.exit(line.exitCode), endWithFault);

function endWithFault(error: unknown): never {
  // After the terminal has been given back, which is done at the exit, too.
  process.once('exit', () =>
    writeSync(stderr.fd, `thrift-metrics: unexpected error: ${inspect(error)}\n`),
  );
  process.exit(EXIT.fault);
}
