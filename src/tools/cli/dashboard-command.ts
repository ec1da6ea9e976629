import { Option, type Command } from 'commander';

import { createGrafanaDashboard } from '../grafana/create-grafana-dashboard';
import type { CommandLine } from './command-line';
import { loadModules } from './modules';
import { loadTimeoutOption, outputOption } from './command-options';
import { writeOutput } from './output';

interface DashboardOptions {
  readonly title?: string;
  readonly uid?: string;
  readonly objectives?: 'recorded' | 'raw';
  readonly histograms?: 'any' | 'classic';
  readonly runbookUrl?: string;
  readonly pageUrl?: string;
  readonly anomalies?: boolean;
  readonly output?: string;
  readonly timeout: number;
}

export function addDashboardCommand(program: Command, line: CommandLine): void {
  program
    .command('dashboard')
    .summary('generate a Grafana dashboard')
    .description(
      'Imports the modules and writes a Grafana dashboard for the metrics that they declare, as JSON.',
    )
    .argument('<modules...>', 'module paths or package names')
    .option('--title <title>', 'title of the dashboard')
    .option(
      '--uid <uid>',
      'identifier of the dashboard; Grafana replaces a dashboard with the same one',
    )
    .addOption(
      new Option(
        '--objectives <source>',
        'where error budgets come from: the series that the generated rules record, or the metrics themselves',
      )
        .choices(['recorded', 'raw'])
        .default('recorded'),
    )
    .addOption(
      new Option(
        '--histograms <storage>',
        'how Prometheus stores histograms; classic leaves out the functions of native ones',
      )
        .choices(['any', 'classic'])
        .default('any'),
    )
    .option('--runbook-url <url>', 'address that the dashboard links to as its runbook')
    .option('--page-url <template>', 'address of the live page of a process, with {instance}')
    .option('--anomalies', 'also show the bands that `rules --anomalies` records')
    .addOption(outputOption())
    .addOption(loadTimeoutOption())
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics dashboard ./dist/calculator-handler.js -o dashboard.json
  thrift-metrics dashboard ./dist/handlers.js --title Payments --uid payments`,
    )
    .action(async (modules: string[], { output, timeout, ...options }: DashboardOptions) => {
      await loadModules(modules, line.cwd, timeout);
      const dashboard = createGrafanaDashboard(options);
      await writeOutput(line, `${JSON.stringify(dashboard, null, 2)}\n`, output);
    });
}
