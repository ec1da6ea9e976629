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
import { addSourceOptions, readMethods, SOURCES, type SourceOptions } from './method-sources';
import { renderTable, writeOutput } from './output';
import { outputOption } from './command-options';

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
      'Prints every measured method with its metrics and objective: of modules, of running endpoints, and with the rules of a policy file.',
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
