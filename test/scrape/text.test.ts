import { describe, expect, it } from 'vitest';

import { CounterCell, GaugeCell } from '../../src/metrics/cell';
import { cellTimeOf } from '../../src/metrics/clock';
import type { FamilyView } from '../../src/metrics/family';
import { BUILT_IN_NAMES } from '../../src/metrics/label-names';
import { SummaryCell } from '../../src/metrics/summary-cell';
import { TextWriter } from '../../src/scrape/text';
import type { UserMetric } from '../../src/scrape/user-metric';
import { createHistogram } from '../support/create-histogram';
import { buildFamily, buildSeries } from './build-family';

// The expected texts follow https://prometheus.io/docs/instrumenting/exposition_formats/ and
// https://github.com/prometheus/OpenMetrics/blob/v1.0.0/specification/OpenMetrics.md

type Labels = Readonly<Record<string, string>>;

/** Seconds since 1970. */
const STARTED = 1_700_000_000.5;
const EXEMPLAR = { labels: { trace_id: 'abc' }, value: 0.3, timestamp: 1_700_000_001.25 };

function counter(value: number, startedAt = NaN): CounterCell {
  return Object.assign(new CounterCell(), { value, startedAt });
}

interface Options {
  readonly families?: readonly FamilyView[];
  readonly userMetrics?: readonly UserMetric[];
  readonly defaultLabels?: Labels;
}

/** The lines of the families, followed by the user's metrics, in one of the text formats. */
function linesOf(
  format: 'text' | 'OpenMetrics',
  { families = [], userMetrics = [], defaultLabels = {} }: Options,
): string[] {
  const isOpenMetrics = format === 'OpenMetrics';
  const writer = new TextWriter(0, defaultLabels, defaultLabels, isOpenMetrics, BUILT_IN_NAMES);
  for (const family of families) {
    writer.beginFamily(family);
    for (const series of family.shown()) writer.series(family.type, series);
    writer.endFamily();
  }
  for (const metric of userMetrics) for (const _ of writer.userMetric(metric));
  return writer.finish().toString().split('\n');
}

describe('the head of a metric', () => {
  const families = [
    buildFamily('sent_bytes_total', 'counter', [], 'Says "\\" and\nmore.'),
    buildFamily('latency_seconds', 'gauge', [], 'Short.'),
    buildFamily('a_total_b', 'counter', []),
    buildFamily('total', 'counter', []),
  ];

  it('text separates metrics by an empty line, escapes backslashes and line feeds, and has no units', () => {
    expect(linesOf('text', { families })).toEqual([
      '# HELP sent_bytes_total Says "\\\\" and\\nmore.',
      '# TYPE sent_bytes_total counter',
      '',
      '# HELP latency_seconds Short.',
      '# TYPE latency_seconds gauge',
      '',
      '# HELP a_total_b Help.',
      '# TYPE a_total_b counter',
      '',
      '# HELP total Help.',
      '# TYPE total counter',
      '',
    ]);
  });

  it('OpenMetrics has no empty lines, escapes quotes too, names counters without their suffix, and ends with EOF', () => {
    expect(linesOf('OpenMetrics', { families })).toEqual([
      '# HELP sent_bytes Says \\"\\\\\\" and\\nmore.',
      '# TYPE sent_bytes counter',
      '# UNIT sent_bytes bytes',
      '# HELP latency_seconds Short.',
      '# TYPE latency_seconds gauge',
      '# UNIT latency_seconds seconds',
      '# HELP a_total_b Help.',
      '# TYPE a_total_b counter',
      '# HELP total Help.',
      '# TYPE total counter',
      '# EOF',
      '',
    ]);
  });
});

describe('counters and gauges', () => {
  const withExemplar = counter(2, cellTimeOf(STARTED));
  withExemplar.exemplar = EXEMPLAR;
  const families = [
    buildFamily('calls_total', 'counter', [
      buildSeries({ op: 'a' }, withExemplar),
      buildSeries({}, counter(3, cellTimeOf(STARTED))),
      buildSeries({ op: 'b' }, counter(4)),
    ]),
    buildFamily('busy', 'gauge', [
      buildSeries({ op: 'a' }, Object.assign(new GaugeCell(), { value: -0.5 })),
      buildSeries({}, Object.assign(new GaugeCell(), { value: NaN })),
    ]),
  ];

  it('text has their values', () => {
    expect(linesOf('text', { families })).toEqual([
      '# HELP calls_total Help.',
      '# TYPE calls_total counter',
      'calls_total{op="a"} 2',
      'calls_total 3',
      'calls_total{op="b"} 4',
      '',
      '# HELP busy Help.',
      '# TYPE busy gauge',
      'busy{op="a"} -0.5',
      'busy Nan',
      '',
    ]);
  });

  it('OpenMetrics has exemplars, and start timestamps unless they are unknown', () => {
    expect(linesOf('OpenMetrics', { families })).toEqual([
      '# HELP calls Help.',
      '# TYPE calls counter',
      'calls_total{op="a"} 2 # {trace_id="abc"} 0.3 1700000001.25',
      'calls_created{op="a"} 1700000000.5',
      'calls_total 3',
      'calls_created 1700000000.5',
      'calls_total{op="b"} 4',
      '# HELP busy Help.',
      '# TYPE busy gauge',
      'busy{op="a"} -0.5',
      'busy NaN',
      '# EOF',
      '',
    ]);
  });

  it('default labels follow those of the series', () => {
    const [, , first, second] = linesOf('text', { families, defaultLabels: { env: 'prod' } });
    expect([first, second]).toEqual([
      'calls_total{op="a",env="prod"} 2',
      'calls_total{env="prod"} 3',
    ]);
  });
});

describe('histograms', () => {
  function histogram(startedAt: number, ...values: readonly number[]) {
    const cell = createHistogram([0.5, 2]);
    for (const value of values) cell.observe(value);
    cell.startedAt = startedAt;
    return cell;
  }
  const withExemplar = histogram(cellTimeOf(STARTED), 0.25, 0.25, 1, 9);
  withExemplar.exemplars = [undefined, undefined, { ...EXEMPLAR, value: 9 }];
  const families = [
    buildFamily('wait_seconds', 'histogram', [
      buildSeries({ op: 'a' }, withExemplar),
      buildSeries({ op: 'b' }, histogram(NaN)),
    ]),
    buildFamily('size_bytes', 'histogram', [
      buildSeries({}, histogram(cellTimeOf(STARTED), 1)),
      buildSeries({ op: 'a' }, histogram(NaN, 5)),
    ]),
  ];

  it('text has cumulative buckets, their sum and their count', () => {
    expect(linesOf('text', { families })).toEqual([
      '# HELP wait_seconds Help.',
      '# TYPE wait_seconds histogram',
      'wait_seconds_bucket{op="a",le="0.5"} 2',
      'wait_seconds_bucket{op="a",le="2"} 3',
      'wait_seconds_bucket{op="a",le="+Inf"} 4',
      'wait_seconds_sum{op="a"} 10.5',
      'wait_seconds_count{op="a"} 4',
      'wait_seconds_bucket{op="b",le="0.5"} 0',
      'wait_seconds_bucket{op="b",le="2"} 0',
      'wait_seconds_bucket{op="b",le="+Inf"} 0',
      'wait_seconds_sum{op="b"} 0',
      'wait_seconds_count{op="b"} 0',
      '',
      '# HELP size_bytes Help.',
      '# TYPE size_bytes histogram',
      'size_bytes_bucket{le="0.5"} 0',
      'size_bytes_bucket{le="2"} 1',
      'size_bytes_bucket{le="+Inf"} 1',
      // The formats allow braces without labels.
      'size_bytes_sum{} 1',
      'size_bytes_count{} 1',
      'size_bytes_bucket{op="a",le="0.5"} 0',
      'size_bytes_bucket{op="a",le="2"} 0',
      'size_bytes_bucket{op="a",le="+Inf"} 1',
      'size_bytes_sum{op="a"} 5',
      'size_bytes_count{op="a"} 1',
      '',
    ]);
  });

  it('OpenMetrics has canonical bounds, exemplars, and start timestamps unless they are unknown', () => {
    expect(linesOf('OpenMetrics', { families: families.slice(0, 1) })).toEqual([
      '# HELP wait_seconds Help.',
      '# TYPE wait_seconds histogram',
      '# UNIT wait_seconds seconds',
      'wait_seconds_bucket{op="a",le="0.5"} 2',
      'wait_seconds_bucket{op="a",le="2.0"} 3',
      'wait_seconds_bucket{op="a",le="+Inf"} 4 # {trace_id="abc"} 9 1700000001.25',
      'wait_seconds_sum{op="a"} 10.5',
      'wait_seconds_count{op="a"} 4',
      'wait_seconds_created{op="a"} 1700000000.5',
      'wait_seconds_bucket{op="b",le="0.5"} 0',
      'wait_seconds_bucket{op="b",le="2.0"} 0',
      'wait_seconds_bucket{op="b",le="+Inf"} 0',
      'wait_seconds_sum{op="b"} 0',
      'wait_seconds_count{op="b"} 0',
      '# EOF',
      '',
    ]);
  });
});

describe('summaries', () => {
  const past = new SummaryCell([0.5, 1]);
  for (const value of [1, 2]) past.observe(value);
  past.forgetWindow();
  past.startedAt = cellTimeOf(STARTED);
  const unused = new SummaryCell([0.9]);
  unused.startedAt = NaN;
  const families = [
    buildFamily('age', 'summary', [buildSeries({ op: 'a' }, past), buildSeries({}, unused)]),
  ];

  it('text has their quantiles, their sum and their count', () => {
    expect(linesOf('text', { families })).toEqual([
      '# HELP age Help.',
      '# TYPE age summary',
      'age{op="a",quantile="0.5"} Nan',
      'age{op="a",quantile="1"} Nan',
      'age_sum{op="a"} 3',
      'age_count{op="a"} 2',
      'age{quantile="0.9"} 0',
      'age_sum{} 0',
      'age_count{} 0',
      '',
    ]);
  });

  it('OpenMetrics has canonical quantiles, and start timestamps unless they are unknown', () => {
    expect(linesOf('OpenMetrics', { families })).toEqual([
      '# HELP age Help.',
      '# TYPE age summary',
      'age{op="a",quantile="0.5"} NaN',
      'age{op="a",quantile="1.0"} NaN',
      'age_sum{op="a"} 3',
      'age_count{op="a"} 2',
      'age_created{op="a"} 1700000000.5',
      'age{quantile="0.9"} 0',
      'age_sum{} 0',
      'age_count{} 0',
      '# EOF',
      '',
    ]);
  });
});

describe("a user's metrics", () => {
  const exemplar = { labelSet: EXEMPLAR.labels, value: 0.3, timestamp: EXEMPLAR.timestamp };
  const metric = (name: string, type: string, values: UserMetric['values']): UserMetric => ({
    name,
    help: 'Help.',
    type,
    values,
  });
  const part = (metricName: string, labels: Record<string, string | number>, value: number) => ({
    metricName,
    labels,
    value,
  });
  const userMetrics = [
    metric('own_total', 'counter', [
      { labels: { op: 'say "a"' }, value: 2.5, exemplar },
      { labels: {}, value: 1 },
    ]),
    metric('plain', 'counter', [{ labels: { le: 1 }, value: 1 }]),
    metric('level_total', 'gauge', [
      { labels: { le: 1, quantile: 2 }, value: Infinity },
      { labels: { env: 'own' }, value: NaN },
    ]),
    metric('wait', 'histogram', [
      part('wait_bucket', { le: 2, quantile: 3 }, 1),
      part('wait_bucket', { le: '4' }, 1),
      { ...part('wait_bucket', { le: '+Inf' }, 1), exemplar },
      part('wait_sum', {}, 1.5),
      part('wait_count', {}, 1),
    ]),
    metric('age', 'summary', [
      { labels: { quantile: 1, le: 3 }, value: 4 },
      part('age_sum', {}, 4),
      part('age_count', {}, 1),
    ]),
  ];

  it('text has their samples as the client library names them', () => {
    expect(linesOf('text', { userMetrics })).toEqual([
      '# HELP own_total Help.',
      '# TYPE own_total counter',
      'own_total{op="say \\"a\\""} 2.5',
      'own_total 1',
      '',
      '# HELP plain Help.',
      '# TYPE plain counter',
      'plain{le="1"} 1',
      '',
      '# HELP level_total Help.',
      '# TYPE level_total gauge',
      'level_total{le="1",quantile="2"} +Inf',
      'level_total{env="own"} Nan',
      '',
      '# HELP wait Help.',
      '# TYPE wait histogram',
      'wait_bucket{le="2",quantile="3"} 1',
      'wait_bucket{le="4"} 1',
      'wait_bucket{le="+Inf"} 1',
      'wait_sum 1.5',
      'wait_count 1',
      '',
      '# HELP age Help.',
      '# TYPE age summary',
      'age{quantile="1",le="3"} 4',
      'age_sum 4',
      'age_count 1',
      '',
    ]);
  });

  it('OpenMetrics has their counters with a suffix, exemplars, and canonical bounds and quantiles', () => {
    expect(linesOf('OpenMetrics', { userMetrics })).toEqual([
      '# HELP own Help.',
      '# TYPE own counter',
      'own_total{op="say \\"a\\""} 2.5 # {trace_id="abc"} 0.3 1700000001.25',
      'own_total 1',
      '# HELP plain Help.',
      '# TYPE plain counter',
      'plain_total{le="1"} 1',
      '# HELP level_total Help.',
      '# TYPE level_total gauge',
      'level_total{le="1",quantile="2"} +Inf',
      'level_total{env="own"} NaN',
      '# HELP wait Help.',
      '# TYPE wait histogram',
      'wait_bucket{le="2.0",quantile="3"} 1',
      'wait_bucket{le="4"} 1',
      'wait_bucket{le="+Inf"} 1 # {trace_id="abc"} 0.3 1700000001.25',
      'wait_sum 1.5',
      'wait_count 1',
      '# HELP age Help.',
      '# TYPE age summary',
      'age{quantile="1.0",le="3"} 4',
      'age_sum 4',
      'age_count 1',
      '# EOF',
      '',
    ]);
  });

  it('default labels follow those of a sample, which win', () => {
    const lines = linesOf('text', { userMetrics, defaultLabels: { env: 'prod', op: 'b' } });
    expect(lines.filter((line) => /^(own_total|level_total)/.test(line))).toEqual([
      'own_total{op="say \\"a\\"",env="prod"} 2.5',
      'own_total{env="prod",op="b"} 1',
      'level_total{le="1",quantile="2",env="prod",op="b"} +Inf',
      'level_total{env="own",op="b"} Nan',
    ]);
  });
});

it('what was taken is not written again, and the next metric is separated from it', () => {
  const writer = new TextWriter(0, {}, {}, false, BUILT_IN_NAMES);
  writer.beginFamily(buildFamily('a', 'gauge', []));
  expect(writer.length).toBe('# HELP a Help.\n# TYPE a gauge\n'.length);
  expect(writer.take().toString()).toBe('# HELP a Help.\n# TYPE a gauge\n');
  expect(writer.length).toBe(0);
  writer.beginFamily(buildFamily('b', 'gauge', []));
  expect(writer.finish().toString()).toBe('\n# HELP b Help.\n# TYPE b gauge\n');
});
