import { Option, type Command } from 'commander';

import { createGrafanaDashboard } from '../grafana/create-grafana-dashboard';
import type { CommandLine } from './command-line';
import { outputOption } from './command-options';
import { addSourceOptions, readMethods, SOURCES, type SourceOptions } from './method-sources';
import { writeOutput } from './output';

interface DashboardOptions extends SourceOptions {
  readonly title?: string;
  readonly uid?: string;
  readonly objectives?: 'recorded' | 'raw';
  readonly histograms?: 'any' | 'classic';
  readonly runbookUrl?: string;
  readonly pageUrl?: string;
  readonly anomalies?: boolean;
  readonly output?: string;
}

export function addDashboardCommand(program: Command, line: CommandLine): void {
  const command = program
    .command('dashboard')
    .argument(...SOURCES)
    .summary('generate a Grafana dashboard')
    .description(
      'Writes a Grafana dashboard as JSON, for the metrics that modules declare, that running endpoints serve, or that a policy file names.',
    )
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
    .addOption(outputOption());
  addSourceOptions(command)
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics dashboard ./dist/calculator-handler.js -o dashboard.json
  thrift-metrics dashboard ./dist/handlers.js --title Payments --uid payments
  thrift-metrics dashboard http://localhost:8000 --config policy.yaml -o dashboard.json`,
    )
    .action(async (sources: string[], given: DashboardOptions) => {
      const { output, config, header, insecure, timeout, ...options } = given;
      await readMethods(sources, line, { config, header, insecure, timeout } as SourceOptions);
      const dashboard = createGrafanaDashboard(options);
      await writeOutput(line, `${JSON.stringify(dashboard, null, 2)}\n`, output);
    });
}
