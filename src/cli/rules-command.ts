import type { Command } from 'commander';

import { createPrometheusRules } from '../dashboards/create-prometheus-rules';
import { renderPrometheusRules } from './render-prometheus-rules';
import type { CommandLine } from './command-line';
import { loadModules } from './modules/load-modules';
import { loadTimeoutOption, outputOption, parseLabel } from './parse-options';
import { writeOutput } from './write-output';

interface RulesOptions {
  readonly runbookUrl?: string;
  readonly label?: Record<string, string>;
  readonly interval?: string;
  readonly output?: string;
  readonly timeout: number;
}

export function addRulesCommand(program: Command, line: CommandLine): void {
  program
    .command('rules')
    .summary('generate recording and alerting rules for Prometheus')
    .description(
      'Imports the modules and writes rules for Prometheus, as YAML, from the objectives that are declared in them.',
    )
    .argument('<modules...>', 'paths or package specifiers')
    .option('--runbook-url <template>', 'the address that each alert links to')
    .option('--label <name=value>', 'a label of every alert; may be repeated', parseLabel)
    .option('--interval <duration>', 'how often Prometheus evaluates the rules, such as 30s')
    .addOption(outputOption())
    .addOption(loadTimeoutOption())
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics rules ./dist/calculator-handler.js -o rules.yml
  thrift-metrics rules ./dist/handlers.js --label team=payments --label tier=1
  thrift-metrics rules ./dist/handlers.js --interval 30s | promtool check rules /dev/stdin`,
    )
    .action(async (modules: string[], options: RulesOptions) => {
      const { runbookUrl, label, interval, output, timeout } = options;
      await loadModules(modules, line.cwd, timeout);
      const rules = createPrometheusRules({ runbookUrl, labels: label, interval });
      await writeOutput(line, renderPrometheusRules(rules), output);
    });
}
