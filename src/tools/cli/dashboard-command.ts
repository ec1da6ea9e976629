import { type Command, Option } from 'commander';

import { createGrafanaDashboard } from '../grafana/create-grafana-dashboard';
import type { HistogramStorage } from '../histogram-expressions';
import type { CommandLine } from './command-line';
import { loadModules } from './modules';
import { loadTimeoutOption, outputOption } from './command-options';
import { writeOutput } from './output';

interface DashboardOptions {
  readonly title?: string;
  readonly uid?: string;
  readonly histograms: HistogramStorage;
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
      new Option('--histograms <storage>', 'how Prometheus stores histograms')
        .choices(['any', 'classic'])
        .default('any'),
    )
    .addOption(outputOption())
    .addOption(loadTimeoutOption())
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics dashboard ./dist/calculator-handler.js -o dashboard.json
  thrift-metrics dashboard ./dist/handlers.js --title Payments --uid payments`,
    )
    .action(async (modules: string[], options: DashboardOptions) => {
      const { title, uid, histograms, output, timeout } = options;
      await loadModules(modules, line.cwd, timeout);
      const dashboard = createGrafanaDashboard({ title, uid, histograms });
      await writeOutput(line, `${JSON.stringify(dashboard, null, 2)}\n`, output);
    });
}
