import { Command, CommanderError } from 'commander';

import { packageVersion } from '../../runtime/versions';
import { ThriftMetricsError } from '../../validation/errors';
import { addCheckCommand } from './check/check-command';
import { CommandError, type CommandLine, EXIT } from './command-line';
import { addDashboardCommand } from './dashboard-command';
import { addDiffCommand } from './diff/diff-command';
import { addDoctorCommand } from './doctor/doctor-command';
import { addListCommand } from './list-command';
import { firstLine, writeText } from './output';
import { addRulesCommand } from './rules-command';
import { addTopCommand } from './top/top-command';

/** Defines the command line of `thrift-metrics`: its commands with their arguments, options and help. */
export function createProgram(line: CommandLine): Command {
  const program = new Command('thrift-metrics')
    .description(
      'Reads the metrics that decorated Thrift handlers declare, and those that running endpoints serve.',
    )
    .version(packageVersion())
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void line.stdout.write(text),
      writeErr: (text) => void line.stderr.write(text),
      outputError: (text, write) => write(`thrift-metrics: ${oneLine(text)}\n`),
    })
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics list ./dist/calculator-handler.js
  thrift-metrics check localhost:8000
  thrift-metrics top localhost:8000`,
    );
  addListCommand(program, line);
  addRulesCommand(program, line);
  addDashboardCommand(program, line);
  addDiffCommand(program, line);
  addCheckCommand(program, line);
  addDoctorCommand(program, line);
  addTopCommand(program, line);
  return program;
}

/** Joins the lines of a message: Commander puts its suggestion on a second line. */
function oneLine(text: string): string {
  return firstLine(
    text
      .trim()
      .replace(/^error: /, '')
      .replaceAll('\n', ' '),
  );
}

/** Runs the command that the arguments (without the program's name) ask for, and sets `exitCode`. */
export async function runCommandLine(args: readonly string[], line: CommandLine): Promise<void> {
  try {
    await createProgram(line).parseAsync(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      // Commander has already printed the message.
      line.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.failed;
    } else if (error instanceof CommandError || error instanceof ThriftMetricsError) {
      line.exitCode = EXIT.failed;
      await writeText(line.stderr, `thrift-metrics: ${firstLine(error)}\n`);
    } else throw error;
  }
}
