import { describe, expect, test } from 'vitest';

import { CATALOGUE, type CatalogueEntry } from '../../../src/metrics/catalogue';
import { createGrafanaDashboard } from '../../../src/dashboards';
import { configureMetrics, Instrumented, Objective, Timed } from '../../../src/index';
import { panelsOf, queriesOf } from './dashboard-queries';

// The order matters, because declarations stay in effect.
const undeclared = createGrafanaDashboard();

@Instrumented
@Objective({ availability: 0.999, latency: { target: 0.99, within: 0.25 } })
class Calculator {
  add(): void {}

  @Timed({ name: 'own_summary_seconds', quantiles: [0.5, 0.95] })
  @Objective({ availability: 0.9 })
  mean(): void {}

  @Timed({ name: 'own_latency_seconds', native: true, buckets: [0.25, 1] })
  factorize(): void {}

  @Timed({ buckets: [0.25, 1, 60] })
  zip(): void {}
}

const declared = createGrafanaDashboard();
configureMetrics({ prefix: 'shop_', nativeHistograms: true });
const prefixed = createGrafanaDashboard({ title: 'Shop', uid: 'shop' });

/** Process metrics of the client library. */
const PROCESS_METRICS = [
  'process_cpu_seconds_total',
  'process_max_fds',
  'process_open_fds',
  'process_resident_memory_bytes',
  'process_start_time_seconds',
  'nodejs_eventloop_lag_p99_seconds',
  'nodejs_gc_duration_seconds_sum',
  'nodejs_heap_size_used_bytes',
];

/** Series that Prometheus writes itself. */
const OF_PROMETHEUS = ['up', 'ALERTS'];

/** Series that the generated rules record, of whole jobs. */
const RECORDED =
  /^job_service_method:thrift_objective_(?:errors:ratio_rate[16]h|error_budget:remaining_ratio)$/;
const UNITS = ['reqps', 'cps', 'Bps', 'bytes', 's', 'percentunit', 'short'];
const CHOSEN_JOB = 'job=~"$job"';
const CHOSEN_JOB_OR_NONE = 'job=~"$job|"';
const CHOSEN = `${CHOSEN_JOB}, instance=~"$instance"`;

/** The metric, matchers and range of each selector. */
const SELECTOR = /([a-zA-Z_:][\w:]*)(\{[^}]*\})(\[[^\]]+\](?: @ end\(\))?)?/g;

function seriesNames(prefix: string, own: readonly string[]): Set<string> {
  const entries: readonly CatalogueEntry[] = Object.values(CATALOGUE);
  const histograms = [
    ...entries.filter(({ type }) => type === 'histogram').map(({ name }) => name),
    ...own,
  ];
  const names = [...entries.map(({ name }) => name), ...own];
  for (const name of histograms) names.push(`${name}_bucket`, `${name}_sum`, `${name}_count`);
  return new Set([...names.map((name) => prefix + name), ...PROCESS_METRICS, ...OF_PROMETHEUS]);
}

describe.each([
  ['nothing declared', undeclared, '', []],
  ['declared methods', declared, '', ['own_summary_seconds', 'own_latency_seconds']],
  [
    'a prefix and native histograms',
    prefixed,
    'shop_',
    ['own_summary_seconds', 'own_latency_seconds'],
  ],
] as const)('the dashboard for %s', (_, dashboard, prefix, own) => {
  const panels = panelsOf(dashboard);
  const queries = queriesOf(dashboard);
  const expressions = [
    ...queries.map(({ target }) => target.expr),
    ...dashboard.annotations.list.flatMap(({ expr, target }) => [expr, target.expr]),
  ];

  test('a dashboard is plain data', () => {
    expect(JSON.parse(JSON.stringify(dashboard))).toEqual(dashboard);
    expect(Calculator.name).toBe('Calculator');
  });

  test('every row and panel has a unique id', () => {
    const rows = dashboard.panels.filter(({ type }) => type === 'row');
    const ids = [...rows, ...panels.map(({ panel }) => panel)].map(({ id }) => id);
    expect(ids.length).toBeGreaterThan(30);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Math.min(...ids)).toBe(1);
  });

  test('every panel has a title that is unique in its row, and a description in sentences', () => {
    const titles = panels.map(({ row, panel }) => `${row.title}: ${panel.title}`);
    expect(new Set(titles).size).toBe(titles.length);
    for (const { panel } of panels) {
      expect(panel.title).not.toBe('');
      expect(panel.description).toMatch(/^[A-Z].{20,}\.$/);
    }
  });

  test('every panel has a unit that Grafana knows, and a text for missing values', () => {
    for (const { panel } of panels) {
      const { unit, noValue } = panel.fieldConfig.defaults;
      expect(UNITS).toContain(unit);
      expect(noValue).not.toBe('');
    }
  });

  test('a dashboard uses only the selected data source', () => {
    const chosen = '"datasource":{"type":"prometheus","uid":"${datasource}"}';
    const parts = JSON.stringify(dashboard).split(chosen);
    const { templating, annotations } = dashboard;
    const lists = templating.list.filter(({ type }) => type === 'query');
    const marks = annotations.list.flatMap((mark) => [mark, mark.target]);
    const asking = [panels, queries, lists, marks].flat();
    expect(parts).toHaveLength(asking.length + 1);
    expect(parts.join('')).not.toContain('"datasource":');
  });

  test('every query has an id that is unique in its panel, and a legend', () => {
    for (const { panel } of panels) {
      const ids = panel.targets.map(({ refId }) => refId);
      expect(ids).toEqual(['A', 'B', 'C', 'D', 'E', 'F'].slice(0, ids.length));
      for (const { legendFormat } of panel.targets) expect(legendFormat).not.toBe('');
    }
  });

  test('tables and graphs run instant queries, and all other panels run range queries', () => {
    for (const { panel, target } of queries) {
      expect(target.instant).toBe(panel.type === 'table' || panel.type === 'nodeGraph');
      expect(target.range).toBe(!target.instant);
      const format =
        { table: 'table', nodeGraph: 'table', heatmap: 'heatmap' }[panel.type as string] ??
        'time_series';
      expect(target.format).toBe(format);
    }
  });

  test('panels fit into 24 columns without overlap', () => {
    const cells = new Set<string>();
    const places = [...dashboard.panels, ...panels.map(({ panel }) => panel)];
    for (const { gridPos } of new Set(places)) {
      const { x, y, w, h } = gridPos;
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column++) {
        for (let line = y; line < y + h; line++) {
          const cell = `${column} ${line}`;
          expect(cells.has(cell)).toBe(false);
          cells.add(cell);
        }
      }
    }
  });

  test('a collapsed row contains its panels, and an open row is followed by them', () => {
    for (const panel of dashboard.panels) {
      if (panel.type === 'row') expect(panel.panels.length > 0).toBe(panel.collapsed);
    }
  });

  test('queries use only metrics of the catalogue, declared metrics and process metrics', () => {
    const allowed = seriesNames(prefix, own);
    const asked = expressions.flatMap((expr) =>
      [...expr.matchAll(SELECTOR)].map(([, name]) => name),
    );
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter((name = '') => !allowed.has(name) && !RECORDED.test(name))).toEqual([]);
    for (const { definition = '' } of dashboard.templating.list) {
      const [, names = ''] = /__name__=~"([^"]+)"/.exec(definition) ?? [];
      expect(names.split('|').filter((name) => name !== '' && !allowed.has(name))).toEqual([]);
    }
  });

  test('a dashboard shows every metric of the catalogue', () => {
    const text = expressions.join('\n');
    const entries: readonly CatalogueEntry[] = Object.values(CATALOGUE);
    const names = entries.map(({ name }) => prefix + name);
    expect(names.filter((name) => !new RegExp(`\\b${name}(_bucket|_sum)?\\{`).test(text))).toEqual(
      [],
    );
  });

  test('every selector is limited to the selected jobs and instances', () => {
    for (const expr of expressions) {
      for (const [, name = '', matchers] of expr.matchAll(SELECTOR)) {
        const chosen = RECORDED.test(name) ? CHOSEN_JOB : CHOSEN;
        expect(matchers).toContain(name === 'ALERTS' ? CHOSEN_JOB_OR_NONE : chosen);
      }
    }
  });

  test('counters are queried only as rates, over an interval that Grafana chooses', () => {
    for (const { target, row } of queries) {
      for (const [, name = '', , range] of target.expr.matchAll(SELECTOR)) {
        if (/_(total|bucket|sum|count)$/.test(name)) expect(range).toBeDefined();
        if (range === undefined) continue;
        const allowed = target.instant
          ? ['[$__range]']
          : ['[$__rate_interval]', '[$__range] @ end()'];
        if (row.title === 'Objectives') allowed.push('[1h]', '[6h]');
        expect(allowed).toContain(range);
      }
    }
  });

  test('every variable that is used is defined, and every defined variable is used', () => {
    const has = dashboard.templating.list.map(({ name }) => name);
    const texts = JSON.stringify([dashboard.panels, dashboard.annotations, dashboard.templating]);
    const used = [...texts.matchAll(/\$\{?([a-zA-Z]\w*)/g)].map(([, name]) => name);
    expect(new Set(used)).toEqual(new Set(has));
  });

  test('panels of latencies and errors over time request exemplars', () => {
    const withExemplars = queries.filter(({ target }) => target.exemplar);
    expect(withExemplars.length).toBeGreaterThan(5);
    for (const { panel } of queries.filter(({ target }) => !target.exemplar)) {
      if (panel.type === 'timeseries')
        expect(panel.title).not.toMatch(/latency|Errors|Client errors/);
      else expect(panel.type).not.toBe('heatmap');
    }
  });

  test('every number has thresholds', () => {
    for (const { panel } of panels.filter(({ panel: { type } }) => type === 'stat')) {
      expect(panel.fieldConfig.defaults.thresholds.steps.length).toBeGreaterThan(1);
    }
  });

  test('a panel has at most ten lines at first, the same over its whole time range', () => {
    const lines = dashboard.templating.list.find(({ name }) => name === 'top');
    expect(lines?.current?.value).toBe('10');
    for (const { target } of queries) {
      for (const [, ranking] of target.expr.matchAll(/topk\(([^@]*@?)/g)) {
        expect(ranking).toMatch(/\[\$__range\] @$/);
      }
    }
  });

  test('every axis starts at 0', () => {
    for (const { panel } of panels) {
      // The others have no axis, or one of buckets.
      if (!['timeseries', 'stat'].includes(panel.type)) continue;
      expect(panel.fieldConfig.defaults.min).toBe(0);
    }
  });
});
