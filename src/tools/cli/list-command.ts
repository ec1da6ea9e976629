import type { Command } from 'commander';

import {
  asReadersSeeAll,
  type DeclaredMethod,
  type DeclaredMetric,
} from '../../declaration/describe';
import type { DeclaredObjective } from '../../declaration/objective';
import { LABEL, METRIC_KINDS } from '../../metrics/catalogue';
import { currentRuntime } from '../../runtime/runtime';
import { percentOf } from '../../slo/percent';
import type { CommandLine } from './command-line';
import { loadModules } from './modules';
import { renderTable, writeOutput } from './output';
import { loadTimeoutOption, outputOption } from './command-options';

interface ListOptions {
  readonly json?: true;
  readonly output?: string;
  readonly timeout: number;
}

export function addListCommand(program: Command, line: CommandLine): void {
  program
    .command('list')
    .summary('list the metrics that decorated classes declare')
    .description(
      'Imports the modules and prints every measured method with its metrics and objective.',
    )
    .argument('<modules...>', 'module paths or package names')
    .option('--json', 'print a JSON array of methods with their metrics')
    .addOption(outputOption())
    .addOption(loadTimeoutOption())
    .addHelpText(
      'after',
      `
Examples:
  thrift-metrics list ./dist/calculator-handler.js
  thrift-metrics list ./src/calculator-handler.ts ./src/user-handler.ts
  thrift-metrics list --json ./dist/handlers.js -o metrics.json`,
    )
    .action(async (modules: string[], { json, output, timeout }: ListOptions) => {
      const declared = await loadModules(modules, line.cwd, timeout);
      const methods = asReadersSeeAll(currentRuntime(), declared);
      const text = json ? JSON.stringify(methods, null, 2) : tableOf(methods);
      await writeOutput(line, `${text}\n`, output);
    });
}

const COLUMNS = ['service', 'method', 'metric', 'type', 'labels', 'objective'] as const;

function tableOf(methods: readonly DeclaredMethod[]): string {
  const { labelNames } = currentRuntime().settings;
  const inColumns = new Set([LABEL.service, LABEL.method].map((name) => labelNames.nameOf(name)));
  const rows = methods.flatMap(({ service, method, metrics, objective }) =>
    metrics
      .toSorted(byKind)
      .map((metric) => [
        service,
        method,
        metric.name,
        metric.type,
        labelsOf(metric, inColumns),
        objective === null ? '' : describeObjective(objective),
      ]),
  );
  return renderTable(
    COLUMNS.map((title) => ({ title })),
    rows,
  ).join('\n');
}

function byKind(a: DeclaredMetric, b: DeclaredMetric): number {
  return METRIC_KINDS.indexOf(a.kind) - METRIC_KINDS.indexOf(b.kind);
}

/** The labels that have no column of their own. Constant labels are shown with their values. */
function labelsOf({ labelNames, labels }: DeclaredMetric, inColumns: ReadonlySet<string>): string {
  return labelNames
    .filter((name) => !inColumns.has(name))
    .map((name) => (Object.hasOwn(labels, name) ? `${name}=${labels[name]}` : name))
    .join(', ');
}

function describeObjective({ availability, latency, window, scope }: DeclaredObjective): string {
  const targets = [
    ...(availability === undefined ? [] : [`${percentOf(availability)}% available`]),
    ...(latency === undefined ? [] : [`${percentOf(latency.target)}% within ${latency.within} s`]),
  ];
  const shared = scope === 'service' ? ', all methods' : '';
  return `${targets.join(', ')} over ${window}${shared}`;
}
