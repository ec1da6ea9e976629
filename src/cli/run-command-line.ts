import { CommanderError } from 'commander';

import { ThriftMetricsError } from '../errors';
import { CommandError } from './command-error';
import type { CommandLine } from './command-line';
import { createProgram } from './create-program';
import { EXIT } from './exit-codes';
import { firstLine } from './printable';
import { writeText } from './write-output';

/** Runs one command, given as the arguments after the program's name. Whatever happens, `exitCode` says it. */
export async function runCommandLine(args: readonly string[], line: CommandLine): Promise<void> {
  try {
    await createProgram(line).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // It has printed what is to be said.
      line.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.failed;
    } else if (error instanceof CommandError || error instanceof ThriftMetricsError) {
      line.exitCode = EXIT.failed;
      await writeText(line.stderr, `thrift-metrics: ${firstLine(error)}\n`);
    } else throw error;
  }
}
