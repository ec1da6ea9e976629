#!/usr/bin/env node
import { writeSync } from 'node:fs';
import { inspect } from 'node:util';

import { configureMetrics } from './api/configure';
import { readMetricsOptions } from './configuration/read-config-file';
import { type CommandLine, EXIT } from './tools/cli/command-line';
import { runCommandLine } from './tools/cli/program';

const { stdin, stdout, stderr } = process;

// Module state: the command is a process of its own.
const line: CommandLine = {
  cwd: process.cwd(),
  stdin,
  stdout,
  stderr,
  exitCode: EXIT.done,
  configure: configureMetrics,
  readOptions: readMetricsOptions,
};

// `writeText` handles failed writes. Without this listener, they would also end the process with a stack trace.
stdout.on('error', () => process.exit(line.exitCode));
process.on('uncaughtException', endWithFault);

// Imported modules may have started timers or servers that would keep the process alive.
runCommandLine(process.argv.slice(2), line).then(() => process.exit(line.exitCode), endWithFault);

function endWithFault(error: unknown): never {
  // Written by the last exit listener, because an earlier one restores the terminal.
  process.once('exit', () =>
    writeSync(stderr.fd, `thrift-metrics: unexpected error: ${inspect(error)}\n`),
  );
  process.exit(EXIT.fault);
}
