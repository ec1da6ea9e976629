import { expect, test } from 'vitest';

import { CalculatorHandler } from '../../examples/calculator/handler';
import {
  CATALOGUE,
  DEFAULT_BUCKETS,
  LABEL,
  METRIC_KINDS,
  type CatalogueEntry,
} from '../../src/catalogue';
import { ERROR_CODES } from '../../src/errors';
import * as api from '../../src/index';
import { defaultSettings } from '../../src/registry/settings';
import { errorOf } from '../support/error-of';
import { pages } from './blocks';
import { headingsOf, markdownFiles, proseOf, readPage, rowsOf } from './markdown';

const DECORATORS = 'docs/reference/decorators.md';
const CONFIGURATION = 'docs/reference/configuration.md';
const METRICS = 'docs/reference/metrics.md';
const ENDPOINT = 'docs/reference/endpoint.md';
const ERRORS = 'docs/reference/errors.md';
const GRAFANA = 'docs/reference/grafana.md';

const list = (cell: string | undefined): string[] =>
  cell === undefined || cell === '' ? [] : cell.split(/,\s*/);
const columnOf = (rows: readonly Record<string, string>[], column: string) =>
  rows.map((row) => row[column] ?? '');

/** The options that a function accepts, as its refusal of another one lists them. */
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

test('docs/reference/errors.md has a section for every error code, and for no other', () => {
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

test('the metrics in docs/reference/metrics.md are those of the catalogue', () => {
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

/** Names of metrics, and not what only begins like one: `thrift_server_…`. */
const METRIC_NAME = /\bthrift_(?:server|client|metrics)_[a-z_]*[a-z](?![a-z_*…])/g;

test('every metric that a page names is in the catalogue', () => {
  const entries: readonly CatalogueEntry[] = Object.values(CATALOGUE);
  // Samples of histograms, what rules record of counters, and a label that begins like a metric.
  const known = new Set<string>([
    ...Object.values(LABEL),
    ...entries.flatMap(({ name, type }) => [
      name,
      ...(type === 'counter' ? [name.replace(/_total$/, '')] : []),
      ...(type === 'histogram' ? ['_bucket', '_sum', '_count'].map((end) => name + end) : []),
    ]),
  ]);
  const strangers = pages.flatMap((page) =>
    [...readPage(page).matchAll(METRIC_NAME)]
      .filter(([name]) => !known.has(name))
      .map(([name]) => `${page}: ${name}`),
  );
  expect(strangers).toEqual([]);
});

test('every built-in label is explained in docs/reference/metrics.md', () => {
  const entries: readonly CatalogueEntry[] = Object.values(CATALOGUE);
  const labels = new Set(entries.flatMap((entry) => entry.labels));
  const explained = columnOf(rowsOf(METRICS, 'label', 'values'), 'label');
  expect(explained.toSorted()).toEqual([...labels].toSorted());
});

test.each(['README.md', DECORATORS])(
  'the decorators in %s declare what the catalogue says',
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

test('the startup options in docs/reference/configuration.md are those accepted', () => {
  expect(columnOf(rowsOf(CONFIGURATION, 'option'), 'option')).toEqual(
    optionsOf(() => api.configureMetrics(unknown)),
  );
});

test('the sections of docs/reference/configuration.md are the options', () => {
  const sections = headingsOf(CONFIGURATION, 3).map((heading) => heading.replaceAll('`', ''));
  expect(sections).toEqual(optionsOf(() => api.configureMetrics(unknown)));
});

test('defaults in docs/reference are those of the source', () => {
  const { maxSeriesPerMetric, prefix } = defaultSettings();
  const defaults = Object.fromEntries(
    rowsOf(CONFIGURATION, 'option').map((row) => [row['option'], row['default']]),
  );
  expect(defaults['maxSeriesPerMetric']).toBe(String(maxSeriesPerMetric));
  expect(defaults['prefix']).toBe(`'${prefix}'`);
  expect(defaults['buckets']).toBe(DEFAULT_BUCKETS.join(' '));
  expect(proseOf(METRICS)).toContain(`${DEFAULT_BUCKETS.join(' ')} seconds`);
});

test('the options of the metric decorators in docs/reference/decorators.md are those accepted', () => {
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

test('the options of Objective in docs/reference/decorators.md are those accepted', () => {
  const column = 'option of Objective';
  expect(columnOf(rowsOf(DECORATORS, column), column)).toEqual(
    optionsOf(() => decorate(api.Objective(unknown))),
  );
});

test('the options of Instrumented in docs/reference/decorators.md are those accepted', () => {
  expect(columnOf(rowsOf(DECORATORS, 'option', 'type'), 'option')).toEqual(
    optionsOf(() => decorate(api.Instrumented(unknown))),
  );
});

test('the options in docs/reference/grafana.md are those accepted', () => {
  const column = 'option of createGrafanaDashboard';
  expect(columnOf(rowsOf(GRAFANA, column), column)).toEqual(
    optionsOf(() => api.createGrafanaDashboard(unknown)),
  );
});

test('the rows and variables in docs/reference/grafana.md are those of the dashboard', () => {
  expect(api.getDeclaredMetrics(CalculatorHandler)).not.toEqual([]);
  const { panels, templating } = api.createGrafanaDashboard();
  const rows = panels.filter(({ type }) => type === 'row');
  expect(columnOf(rowsOf(GRAFANA, 'row'), 'row')).toEqual(
    rows.map(({ title }) => title.replace(' of $service', '')),
  );
  const collapsed = rows.findIndex((row) => 'collapsed' in row && row.collapsed);
  expect(collapsed).toBe(6); // "Rows below the first six are collapsed"
  expect(columnOf(rowsOf(GRAFANA, 'variable'), 'variable')).toEqual(
    templating.list.map(({ label }) => label),
  );
});

test('the keys in docs/reference/live-page.md are those that the page shows', () => {
  const shortcuts = /SHORTCUTS[^=]*= \[([^;]*)\];/.exec(readPage('src/page/browser/keyboard.ts'));
  const keys = [...(shortcuts?.[1] ?? '').matchAll(/\['([^']+)',/g)].map(([, key]) => key);
  expect(columnOf(rowsOf('docs/reference/live-page.md', 'key'), 'key')).toEqual(keys);
});

test('the options in docs/reference/endpoint.md are those accepted', async () => {
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

test('every exported name, value or type, is in the reference', () => {
  const reference = markdownFiles('docs/reference').map(readPage).join('\n');
  const names = [...Object.keys(api), ...exportedTypes()];
  expect(names.filter((name) => !new RegExp(`\\b${name}\\b`).test(reference))).toEqual([]);
});

function exportedTypes(): string[] {
  const types = readPage('src/index.ts').matchAll(/export type \{([^}]*)\}|\btype (\w+)/g);
  return [...types].flatMap(([, group, name]) => name ?? (group ?? '').match(/\w+/g) ?? []);
}
