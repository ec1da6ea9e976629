import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { CalculatorHandler } from '../../examples/calculator/handler';
import {
  CATALOGUE,
  DEFAULT_BUCKETS,
  LABEL,
  METRIC_KINDS,
  type CatalogueEntry,
} from '../../src/metrics/catalogue';
import { ERROR_CODES } from '../../src/validation/errors';
import * as api from '../../src/index';
import * as opentelemetry from '../../src/opentelemetry';
import { defaultSettings } from '../../src/runtime/settings';
import { ErrorReader } from '../../src/recording/error-details';
import { errorOf } from '../support/error-of';
import { pages } from './blocks';
import { headingsOf, markdownFiles, proseOf, readPage, root, rowsOf } from './markdown';

const DECORATORS = 'docs/reference/decorators.md';
const CONFIGURATION = 'docs/reference/configuration.md';
const METRICS = 'docs/reference/metrics.md';
const ENDPOINT = 'docs/reference/endpoint.md';
const ERRORS = 'docs/reference/errors.md';
const GRAFANA = 'docs/reference/grafana.md';
const OPENTELEMETRY = 'docs/reference/opentelemetry.md';

const list = (cell: string | undefined): string[] =>
  cell === undefined || cell === '' ? [] : cell.split(/,\s*/);
const columnOf = (rows: readonly Record<string, string>[], column: string) =>
  rows.map((row) => row[column] ?? '');

/** The options that a function accepts, read from its error for an unknown option. */
function optionsOf(use: () => unknown): string[] {
  const { code, message } = errorOf(use);
  expect(code).toBe('TM_ERR_OPTION_UNKNOWN');
  return list(/Allowed options: (.*)\.$/.exec(message)?.[1]);
}

/** Applies a decorator to a method, as a class statement with standard decorators does. */
function decorate(decorator: unknown): void {
  const context = { kind: 'method', name: 'm', static: false, private: false, metadata: {} };
  (decorator as (value: unknown, context: unknown) => unknown)(() => {}, context);
}

const unknown = { noSuchOption: 1 } as never;

test('docs/reference/errors.md has one section for each error code', () => {
  const codes = headingsOf(ERRORS, 3).map((heading) => heading.replaceAll('`', ''));
  expect(codes.toSorted()).toEqual(Object.keys(ERROR_CODES).toSorted());
});

test('every section of docs/reference/errors.md says what was found and what to do', () => {
  const sections = readPage(ERRORS).split(/^#{2,3} /m);
  for (const section of sections.filter((text) => text.startsWith('`TM_'))) {
    expect(section).toMatch(/^\*\*Found:\*\* \S/m);
    expect(section).toMatch(/^\*\*Do:\*\* \S/m);
  }
});

test('docs/reference/metrics.md lists the metrics of the catalogue', () => {
  const rows = rowsOf(METRICS, 'metric', 'type', 'labels');
  const documented = rows.map(({ metric, type, labels, recorded }) => ({
    name: metric,
    type,
    labels: list(labels),
    recorded,
  }));
  const entries: readonly CatalogueEntry[] = Object.values(CATALOGUE);
  expect(documented).toEqual(
    entries.map(({ name, type, labels, recorded }) => ({ name, type, labels, recorded })),
  );
});

/** Matches metric names, but not prefixes such as `thrift_server_…`. */
const METRIC_NAME = /\bthrift_(?:server|client|metrics)_[a-z_]*[a-z](?![a-z_*…])/g;

/** The metric that the exercise for new contributors adds. */
const EXERCISE = 'thrift_metrics_configurations_total';

test('every metric that a page names is in the catalogue', () => {
  const entries: readonly CatalogueEntry[] = Object.values(CATALOGUE);
  // Includes samples of histograms, names that rules derive from counters, and labels that start like a metric.
  const known = new Set<string>([
    EXERCISE,
    ...Object.values(LABEL),
    ...entries.flatMap(({ name, type }) => [
      name,
      ...(type === 'counter' ? [name.replace(/_total$/, '')] : []),
      ...(type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : []),
    ]),
  ]);
  const unknownNames = pages.flatMap((page) =>
    [...readPage(page).matchAll(METRIC_NAME)]
      .filter(([name]) => !known.has(name))
      .map(([name]) => `${page}: ${name}`),
  );
  expect(unknownNames).toEqual([]);
});

test('docs/reference/metrics.md explains every built-in label', () => {
  const entries: readonly CatalogueEntry[] = Object.values(CATALOGUE);
  const labels = new Set(entries.flatMap((entry) => entry.labels));
  const explained = columnOf(rowsOf(METRICS, 'label', 'values'), 'label');
  expect(explained.toSorted()).toEqual([...labels].toSorted());
});

test.each(['README.md', DECORATORS])(
  'the table of decorators in %s matches the catalogue',
  (page) => {
    const metric = page === DECORATORS ? 'default metric' : 'metric';
    const rows = rowsOf(page, 'decorator', metric);
    expect(rows.map((row) => [row[metric], row['recorded']])).toEqual(
      METRIC_KINDS.map((kind) => [CATALOGUE[kind].name, CATALOGUE[kind].recorded]),
    );
    METRIC_KINDS.forEach((kind, i) => {
      const { type, labels } = CATALOGUE[kind];
      expect(rows[i]?.['type']?.startsWith(type)).toBe(true);
      const beside = rows[i]?.['labels beside thrift_service, thrift_method'];
      if (page !== DECORATORS) expect(list(beside)).toEqual(labels.slice(2));
      expect(rows[i]?.['decorator']?.toLowerCase()).toBe(`@${kind}`.toLowerCase());
    });
  },
);

test('docs/reference/configuration.md lists the options that configureMetrics accepts', () => {
  expect(columnOf(rowsOf(CONFIGURATION, 'option'), 'option')).toEqual(
    optionsOf(() => api.configureMetrics(unknown)),
  );
});

test('docs/reference/configuration.md lists every site that is reported to onError', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const site = /(?:\b(?:faults|reports)\.(?:report|warnOnce)\(\s*|\bSITE = )(['`])(.*?)\1/g;
  const reported = files
    .filter((path) => path.endsWith('.ts'))
    .flatMap((path) => [...readPage(join('src', path)).matchAll(site)])
    .map(([, , name]) => name?.replace(/\$\{.*/, '') ?? '');
  expect(reported.length).toBeGreaterThan(40);
  const documented = columnOf(rowsOf(CONFIGURATION, 'site', 'meaning'), 'site').flatMap(list);
  const isDocumented = (name: string): boolean =>
    documented.some((known) => {
      const [constant = ''] = known.split('<');
      return constant === known ? known === name : name.startsWith(constant);
    });
  expect(reported.filter((name) => !isDocumented(name))).toEqual([]);
});

test('docs/reference/configuration.md says how much of an error is kept, and no other page does', () => {
  const reader = new ErrorReader({ report: () => {} });
  const stackOf = (frame: string): string => `Error: x\n${`    at ${frame}\n`.repeat(100)}`;
  const read = (frame: string): { message: string; frames: string[] } => {
    const error = Object.assign(new Error('m'.repeat(9999)), { stack: stackOf(frame) });
    const { message, stack } = reader.read(error);
    return { message: message ?? '', frames: stack?.split('\n') ?? [] };
  };
  const [short, long] = [read('f'), read('f'.repeat(999))];
  expect(proseOf(CONFIGURATION)).toContain(
    `At most ${short.message.length} characters of a message are kept, and the ${short.frames.length} ` +
      `innermost frames of a stack, ${long.frames[0]?.length} characters of each.`,
  );
  const others = pages.filter((page) => page !== CONFIGURATION && page !== 'CHANGELOG.md');
  expect(
    others.filter((page) =>
      /\b(?:\d+|eight|ten) (?:innermost )?(?:stack )?frames/.test(readPage(page)),
    ),
  ).toEqual([]);
});

test('docs/reference/configuration.md has one section for each option', () => {
  const sections = headingsOf(CONFIGURATION, 3).map((heading) => heading.replaceAll('`', ''));
  expect(sections).toEqual(optionsOf(() => api.configureMetrics(unknown)));
});

test('the defaults in docs/reference match the source', () => {
  const { maxSeriesPerMetric, prefix } = defaultSettings();
  const defaults = Object.fromEntries(
    rowsOf(CONFIGURATION, 'option').map((row) => [row['option'], row['default']]),
  );
  expect(defaults['maxSeriesPerMetric']).toBe(String(maxSeriesPerMetric));
  expect(defaults['prefix']).toBe(`'${prefix}'`);
  expect(defaults['buckets']).toBe(DEFAULT_BUCKETS.join(' '));
  expect(proseOf(METRICS)).toContain(`${DEFAULT_BUCKETS.join(' ')} seconds`);
});

test('docs/reference/decorators.md lists the options that each metric decorator accepts', () => {
  const documented = rowsOf(DECORATORS, 'option', 'of');
  const { Counted, Timed, ErrorsCounted, InFlight } = api;
  const decorators: Record<string, (options: never) => unknown> = {
    Counted,
    Timed,
    ErrorsCounted,
    InFlight,
  };
  for (const [name, decorator] of Object.entries(decorators)) {
    const options = documented.filter((row) => list(row['of']).includes(name));
    expect(columnOf(options, 'option')).toEqual(optionsOf(() => decorate(decorator(unknown))));
  }
});

test('docs/reference/decorators.md lists the options that Objective accepts', () => {
  const column = 'option of Objective';
  expect(columnOf(rowsOf(DECORATORS, column), column)).toEqual(
    optionsOf(() => decorate(api.Objective(unknown))),
  );
});

test('docs/reference/decorators.md lists the options that Instrumented accepts', () => {
  expect(columnOf(rowsOf(DECORATORS, 'option', 'type'), 'option')).toEqual(
    optionsOf(() => decorate(api.Instrumented(unknown))),
  );
});

test('docs/reference/opentelemetry.md lists the options that enableTracing accepts', () => {
  const column = 'option of enableTracing';
  expect(columnOf(rowsOf(OPENTELEMETRY, column), column)).toEqual(
    optionsOf(() => opentelemetry.enableTracing(unknown)),
  );
});

test('docs/reference/opentelemetry.md lists what the entry point exports', () => {
  expect(columnOf(rowsOf(OPENTELEMETRY, 'export'), 'export').toSorted()).toEqual(
    Object.keys(opentelemetry).toSorted(),
  );
});

test('every row of a table of options in docs/reference has a default', () => {
  const withOptions = markdownFiles('docs/reference').filter((page) =>
    /^\| option/m.test(readPage(page)),
  );
  const options = withOptions.flatMap((page) =>
    rowsOf(page)
      .filter((row) => Object.keys(row)[0]?.startsWith('option'))
      .map((row) => ({ page, row })),
  );
  expect(options.length).toBeGreaterThan(50);
  expect(options.filter(({ row }) => !row['default'])).toEqual([]);
});

test('docs/reference/grafana.md lists the options that createGrafanaDashboard accepts', () => {
  const column = 'option of createGrafanaDashboard';
  expect(columnOf(rowsOf(GRAFANA, column), column)).toEqual(
    optionsOf(() => api.createGrafanaDashboard(unknown)),
  );
});

test('docs/reference/grafana.md lists the rows and variables of the dashboard', () => {
  expect(api.getDeclaredMetrics(CalculatorHandler)).not.toEqual([]);
  const { panels, templating } = api.createGrafanaDashboard({ anomalies: true });
  const rows = panels.filter(({ type }) => type === 'row');
  expect(columnOf(rowsOf(GRAFANA, 'row'), 'row')).toEqual(
    rows.map(({ title }) => title.replace(/ of \$\w+$/, '')),
  );
  const collapsed = rows.findIndex((row) => 'collapsed' in row && row.collapsed);
  expect(collapsed).toBe(6); // "Rows below the first six are collapsed"
  expect(columnOf(rowsOf(GRAFANA, 'variable'), 'variable')).toEqual(
    templating.list.map(({ label }) => label),
  );
});

test('docs/reference/live-page.md lists the keys that the page shows', () => {
  const keyboard = readPage('src/tools/page/browser/keyboard.ts');
  const keys = [...keyboard.matchAll(/^ {2}\['([^']+)',/gm)].map(([, key]) => key);
  expect(columnOf(rowsOf('docs/reference/live-page.md', 'key'), 'key')).toEqual(keys);
});

test('docs/reference/endpoint.md lists the options that the endpoint functions accept', async () => {
  const refusal = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
  const errors = [
    await refusal(api.startMetricsServer(unknown)),
    errorOf(() => api.metricsHandler(unknown)),
    await refusal(api.renderMetrics(unknown)),
  ];
  const accepted = errors.flatMap((error) => optionsOf(() => void throwIt(error)));
  expect(columnOf(rowsOf(ENDPOINT, 'option'), 'option')).toEqual(accepted);
});

function throwIt(error: unknown): never {
  throw error;
}

test('the reference mentions every exported value and type', () => {
  const reference = markdownFiles('docs/reference').map(readPage).join('\n');
  const names = [...Object.keys(api), ...exportedTypes()];
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(reference))).toEqual([]);
});

function exportedTypes(): string[] {
  const entries = ['src/index.ts', 'src/dashboards.ts'].map(readPage).join('\n');
  const types = entries.matchAll(/export type \{([^}]*)\}|\btype (\w+)/g);
  return [...types].flatMap(([, group, name]) => name ?? (group ?? '').match(/\w+/g) ?? []);
}
