import type { Command } from 'commander';

import { createGrafanaDashboard } from '../grafana/create-grafana-dashboard';
import type { CommandLine } from './command-line';
import { loadModules } from './modules';
import { loadTimeoutOption, outputOption } from './command-options';
import { writeOutput } from './output';

interface DashboardOptions {
  readonly title?: string;
  readonly uid?: string;
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
    .action(
      async (modules: string[], { title, uid, anomalies, output, timeout }: DashboardOptions) => {
        await loadModules(modules, line.cwd, timeout);
        const dashboard = createGrafanaDashboard({ title, uid, anomalies });
        await writeOutput(line, `${JSON.stringify(dashboard, null, 2)}\n`, output);
      },
    );
}
