import type { Command } from 'commander';

import { asReadersSeeAll } from '../../declaration/describe';
import { currentRuntime } from '../../runtime/runtime';
import type { CommandLine } from './command-line';
import { addSourceOptions, readMethods, SOURCES, type SourceOptions } from './method-sources';
import { methodTree } from './method-tree';
import { writeOutput } from './output';
import { outputOption } from './command-options';
import { ASCII, BOX, isUnicode } from './tree-lines';

interface ListOptions extends SourceOptions {
  readonly json?: true;
  readonly output?: string;
}

export function addListCommand(program: Command, line: CommandLine): void {
  const command = program
    .command('list')
    .argument(...SOURCES)
    .summary('list the methods that are measured')
    .description(
      'Prints every measured method with its metrics and objective as a tree: of modules, of running endpoints, and with the rules of a policy file.',
    )
    .option('--json', 'print a JSON array of methods with their metrics')
    .addOption(outputOption());
  addSourceOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics list ./dist/calculator-handler.js
  thrift-metrics list ./src/calculator-handler.ts ./src/user-handler.ts
  thrift-metrics list --json ./dist/handlers.js -o metrics.json
  thrift-metrics list http://localhost:8000 --config policy.yaml`,
    )
    .action(async (sources: string[], { json, output, ...options }: ListOptions) => {
      const declared = await readMethods(sources, line, options);
      const methods = asReadersSeeAll(currentRuntime(), declared);
      const { labelNames } = currentRuntime().settings;
      const lines = isUnicode(process.env) ? BOX : ASCII;
      const text = json
        ? JSON.stringify(methods, null, 2)
        : methodTree(methods, labelNames, lines).join('\n');
      await writeOutput(line, `${text}\n`, output);
    });
}
