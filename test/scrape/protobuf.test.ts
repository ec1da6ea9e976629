import fc from 'fast-check';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';

import { configureMetrics, Instrumented, ThriftService, Timed } from '../../src/index';
import { CounterCell } from '../../src/metrics/cell';
import { cellTimeOf } from '../../src/metrics/clock';
import { BUILT_IN_NAMES } from '../../src/metrics/label-names';
import { SummaryCell } from '../../src/metrics/summary-cell';
import { ProtobufWriter } from '../../src/scrape/protobuf';
import { createHistogram } from '../support/create-histogram';
import { familyNamed, seriesWith } from '../support/family-named';
import { samplesOf } from '../support/value-of';
import { buildFamily, buildSeries } from './build-family';
import {
  nativeCounts,
  parseProtobuf,
  readProtobuf,
  type ReadFamily,
  type ReadMetric,
} from './read-protobuf';

const LATENCY = 'thrift_server_latency_seconds';
const OWN_LATENCY = 'protobuf_latency_seconds';

@ThriftService('Protobuf')
class ProtobufHandler {
  @Instrumented({ labels: { op: (call) => call.args[0] as string } })
  run(_op: string): void {}
  @Timed('protobuf_summary_seconds', { quantiles: [0.5, 0.9] }) sum(): void {}
  @Timed(OWN_LATENCY, { native: true }) native(): void {}
}
const handler = new ProtobufHandler();

let registry = new Registry();
beforeEach(() => {
  registry = new Registry();
  configureMetrics({ registry, defaultLabels: {}, nativeHistograms: false });
});

/** A sample as a string, so that samples can be sorted and compared. */
function line(name: string, labels: object, value: number): string {
  const pairs = Object.entries(labels).map((pair) => JSON.stringify(pair.map(String)));
  return `${name} ${pairs.toSorted().join()} ${value}`;
}

/** Every sample in the messages. */
function samplesIn(families: readonly ReadFamily[]): string[] {
  return families.flatMap(({ name, metric = [] }) =>
    metric.flatMap((series) => samplesOfMetric(name, series)),
  );
}

function samplesOfMetric(name: string, metric: ReadMetric): string[] {
  const labels = Object.fromEntries(
    (metric.label ?? []).map((pair) => [pair.name, pair.value]),
  ) as Record<string, string>;
  const { histogram, summary } = metric;
  const totals = histogram ?? summary;
  if (totals === undefined) {
    const { value } = metric.counter ?? metric.gauge ?? metric.untyped ?? { value: NaN };
    return [line(name, labels, value)];
  }
  return [
    ...(histogram?.bucket ?? []).map(({ upperBound, cumulativeCount }) => {
      const le = upperBound === Infinity ? '+Inf' : upperBound;
      return line(`${name}_bucket`, { ...labels, le }, cumulativeCount);
    }),
    ...(summary?.quantile ?? []).map(({ quantile, value }) =>
      line(name, { ...labels, quantile }, value),
    ),
    line(`${name}_sum`, labels, totals.sampleSum),
    line(`${name}_count`, labels, totals.sampleCount),
  ];
}

async function expectSameAsRegistry(defaultLabels: Readonly<Record<string, string>> = {}) {
  const expected = (await samplesOf(registry)).map(({ name, labels, value }) =>
    line(name, { ...defaultLabels, ...labels }, value),
  );
  const found = samplesIn(await readProtobuf());
  expect(expected.length).toBeGreaterThan(0);
  expect(found.toSorted()).toEqual(expected.toSorted());
}

describe('protobuf', () => {
  it('protobuf has the samples of the registry, for any label values and default labels', async () => {
    const text = fc.string({ unit: 'grapheme' });
    await fc.assert(
      fc.asyncProperty(text, text, fc.string({ unit: 'binary' }), async (op, env, region) => {
        const defaultLabels = { env, region: region.toWellFormed() };
        configureMetrics({ defaultLabels });
        handler.run(op);
        handler.sum();
        handler.native();
        await expectSameAsRegistry(defaultLabels);
      }),
      { numRuns: 40 },
    );
  });

  it("protobuf has a program's own metrics of every type, with NaN and infinities", async () => {
    const registers = [registry];
    const labelNames = ['a', 'b'];
    const counter = new Counter({ name: 'own_total', help: 'x', labelNames, registers });
    counter.inc({ a: '1' }, 2.5);
    counter.inc({ a: '1', b: '2' }, 2 ** 53);
    const gauge = new Gauge({ name: 'own_gauge', help: 'x', labelNames, registers });
    gauge.set({ a: 'nan' }, NaN);
    gauge.set({ a: 'inf' }, Infinity);
    gauge.set({ a: '-inf' }, -Infinity);
    gauge.set({ a: 'negative' }, -0.25);
    const histogram = new Histogram({ name: 'own_seconds', help: 'x', labelNames, registers });
    const summary = new Summary({ name: 'own_summary', help: 'x', labelNames, registers });
    for (let i = 0; i < 300; i++) {
      histogram.observe({ a: `${i % 3}`, b: '{"le"}' }, i / 30);
      summary.observe({ a: `${i % 3}`, b: '{"quantile"}' }, i / 30);
    }
    new Histogram({ name: 'own_empty_seconds', help: 'x', registers });
    new Gauge({ name: 'own_without_series', help: 'x', labelNames, registers });

    await expectSameAsRegistry();
    configureMetrics({ defaultLabels: { env: 'prod', a: 'only where there is none' } });
    await expectSameAsRegistry({ env: 'prod', a: 'only where there is none' });
  });

  it('protobuf has a family for each metric of the registry, with its help and type', async () => {
    const help = 'two\nlines, a \\ and "quotes"';
    new Gauge({ name: 'own_gauge', help, registers: [registry] });
    const found = await readProtobuf();

    const json = await registry.getMetricsAsJSON();
    expect(found.map(({ name, help: text, type }) => [name, text, type])).toEqual(
      json.map((metric) => [metric.name, metric.help, String(metric.type).toUpperCase()]),
    );
    expect(found.at(-1)).toMatchObject({ name: 'own_gauge', help, type: 'GAUGE' });
  });

  it('protobuf has the unit that ends the name of a metric, and no other', async () => {
    const registers = [registry];
    new Counter({ name: 'sent_bytes_total', help: 'x', registers });
    new Gauge({ name: 'seconds_since', help: 'x', registers });

    const units = new Map((await readProtobuf()).map(({ name, unit }) => [name, unit]));

    expect(units.get('sent_bytes_total')).toBe('bytes');
    expect(units.get(LATENCY)).toBe('seconds');
    expect(units.get('seconds_since')).toBeUndefined();
    expect(units.get('thrift_server_requests_total')).toBeUndefined();
  });

  it('protobuf has metrics of an unknown type as untyped', async () => {
    const odd = {
      name: 'odd_metric',
      help: 'x',
      type: 'info',
      aggregator: 'sum',
      get: () => ({ ...odd, values: [{ labels: { a: 'b' }, value: 3 }] }),
      reset: () => {},
    };
    registry.registerMetric(odd as never);

    expect(await readProtobuf(['odd_metric'])).toEqual([
      {
        name: 'odd_metric',
        help: 'x',
        type: 'UNTYPED',
        metric: [{ label: [{ name: 'a', value: 'b' }], untyped: { value: 3 } }],
      },
    ]);
  });

  it.each([Infinity, -1, NaN, 1.5])(
    'protobuf has a whole count even if a metric of the program has the count %d',
    async (count) => {
      const odd = (type: string) => ({
        name: `odd_${type}`,
        help: 'x',
        type,
        aggregator: 'sum',
        get: () => ({
          ...odd(type),
          values: [
            { labels: { le: 1 }, value: count, metricName: `odd_${type}_bucket` },
            { labels: {}, value: count, metricName: `odd_${type}_count` },
          ],
        }),
        reset: () => {},
      });
      for (const type of ['histogram', 'summary']) registry.registerMetric(odd(type) as never);

      const [histogram, summary] = await readProtobuf(['odd_histogram', 'odd_summary']);

      const whole = expect.toSatisfy((read: number) => Number.isSafeInteger(read) && read >= 0);
      expect(histogram?.metric?.[0]?.histogram?.sampleCount).toEqual(whole);
      expect(histogram?.metric?.[0]?.histogram?.bucket?.[0]?.cumulativeCount).toEqual(whole);
      expect(summary?.metric?.[0]?.summary?.sampleCount).toEqual(whole);
    },
  );

  it("protobuf has a program's own gauges as gauges", async () => {
    new Gauge({ name: 'own_gauge', help: 'x', registers: [registry] }).set(2.5);

    expect(await readProtobuf(['own_gauge'])).toMatchObject([
      { type: 'GAUGE', metric: [{ gauge: { value: 2.5 } }] },
    ]);
  });

  it("protobuf has the exemplars of a program's own metrics", async () => {
    const own = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
    own.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    const options = { help: 'x', registers: [own], enableExemplars: true };
    const labels = { trace_id: 'abc' };
    new Counter({ name: 'own_total', ...options }).inc({ exemplarLabels: labels, value: 2 });
    const histogram = new Histogram({ name: 'own_seconds', ...options, buckets: [1, 2] });
    histogram.observe({ value: 1.5, exemplarLabels: labels });
    configureMetrics({ registry: own });

    const [counter, seconds] = await readProtobuf(['own_total', 'own_seconds']);

    const label = [{ name: 'trace_id', value: 'abc' }];
    expect(counter?.metric?.[0]?.counter?.exemplar).toMatchObject({ label, value: 2 });
    expect(counter?.metric?.[0]?.counter).not.toHaveProperty('createdTimestamp');
    const buckets = seconds?.metric?.[0]?.histogram?.bucket;
    expect(buckets?.map(({ exemplar }) => exemplar?.value)).toEqual([undefined, 1.5, undefined]);
    expect(buckets?.[1]?.exemplar?.label).toEqual(label);
  });
});

describe('series of this package in protobuf', () => {
  const exemplar = { labels: { trace_id: 'abc' }, value: 0.75, timestamp: 1_700_000_001.25 };
  const read = {
    label: [{ name: 'trace_id', value: 'abc' }],
    value: 0.75,
    timestamp: { seconds: 1_700_000_001, nanos: 250_000_000 },
  };
  const start = cellTimeOf(1_700_000_000.5);
  const created = { seconds: 1_700_000_000, nanos: 500_000_000 };

  /** A counter, a histogram with buckets up to 1 and up to infinity, and a summary, with the same start. */
  function readStarted(startedAt: number) {
    const counter = Object.assign(new CounterCell(), { value: 2, startedAt, exemplar });
    const histogram = Object.assign(createHistogram([1]), { startedAt });
    histogram.exemplars = [exemplar];
    const summary = Object.assign(new SummaryCell([0.5]), { startedAt });
    const writer = new ProtobufWriter({}, {}, BUILT_IN_NAMES);
    const families = [
      buildFamily('a_total', 'counter', [buildSeries({}, counter)]),
      buildFamily('b', 'histogram', [buildSeries({}, histogram)]),
      buildFamily('c', 'summary', [buildSeries({}, summary)]),
    ];
    for (const family of families) {
      writer.beginFamily(family);
      for (const series of family.shown()) writer.series(family.type, series);
      writer.endFamily();
    }
    const { length } = writer;
    const body = writer.finish();
    expect([length, writer.length]).toEqual([body.length, 0]);
    const metrics = parseProtobuf(body).map(({ metric }) => metric?.[0]);
    return {
      counter: metrics[0]?.counter,
      histogram: metrics[1]?.histogram,
      summary: metrics[2]?.summary,
    };
  }

  it('series have their start timestamps, with nanoseconds', () => {
    const { counter, histogram, summary } = readStarted(start);
    expect([counter, histogram, summary].map((each) => each?.createdTimestamp)).toEqual([
      created,
      created,
      created,
    ]);
  });

  it('series of workers that do not say when they started have no start timestamp', () => {
    for (const value of Object.values(readStarted(NaN))) {
      expect(value).toBeDefined();
      expect(value).not.toHaveProperty('createdTimestamp');
    }
  });

  it('counters and buckets have their exemplars', () => {
    const { counter, histogram } = readStarted(start);
    expect(counter?.exemplar).toEqual(read);
    expect(histogram?.bucket?.map((bucket) => bucket.exemplar)).toEqual([read, undefined]);
  });

  it('the bucket up to infinity has its exemplar', async () => {
    configureMetrics({ exemplar: () => ({ trace_id: 'abc' }) });
    nativeCell().reset();
    nativeCell().observe(1e9);
    configureMetrics({ exemplar: null });

    const buckets = (await readNative()).bucket;

    expect(buckets?.at(-1)?.exemplar).toMatchObject({ label: read.label, value: 1e9 });
    expect(buckets?.filter((bucket) => bucket.exemplar !== undefined)).toHaveLength(1);
  });

  it('default labels of configureMetrics belong to families, those of the registry to all metrics', async () => {
    new Gauge({ name: 'own_gauge', help: 'x', registers: [registry] });
    handler.run('a');
    configureMetrics({ defaultLabels: { env: 'configured' } });
    registry.setDefaultLabels({ env: 'of the registry', zone: '1' });

    const [family, own] = await readProtobuf(['thrift_server_active_requests', 'own_gauge']);

    const labelsOf = (found: ReadFamily | undefined) =>
      Object.fromEntries(
        (found?.metric?.[0]?.label ?? []).map((pair) => [pair.name, pair.value] as const),
      );
    expect(labelsOf(family)).toMatchObject({ env: 'configured', zone: '1' });
    expect(labelsOf(own)).toEqual({ env: 'of the registry', zone: '1' });
  });
});

/** Latencies over thirteen powers of ten, zeros, and values that no clock returns. */
const observation = fc.oneof(
  fc.double({ min: -9, max: 4, noNaN: true }).map((power) => 10 ** power),
  fc.double({ min: 0, max: 10, noNaN: true }),
  fc.constantFrom(0, 2 ** -128, 2 ** -127, 1, 0.5, Number.MIN_VALUE, Number.MAX_VALUE, Infinity),
);

async function readNative() {
  const [family] = await readProtobuf([OWN_LATENCY]);
  const series = family?.metric?.find(({ label }) =>
    label?.some(({ name, value }) => name === 'thrift_success' && value === 'true'),
  );
  if (series?.histogram === undefined) throw new Error('there is no histogram');
  return series.histogram;
}

function nativeCell() {
  return seriesWith(familyNamed(registry, OWN_LATENCY, 'histogram'), { thrift_success: 'true' })
    .cell;
}

describe('a native histogram in protobuf', () => {
  it('a native histogram decodes to the counts of its buckets, for any observations', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(observation, { maxLength: 400, size: 'max' }), async (values) => {
        const cell = nativeCell();
        cell.reset();
        for (const value of values) cell.observe(value);

        const found = await readNative();

        const { native } = cell;
        expect(found.schema).toBe(native?.schema);
        expect(found.zeroThreshold).toBe(2 ** -128);
        expect(found.zeroCount).toBe(values.filter((value) => value <= 2 ** -128).length);
        const expected = (native?.counts ?? [])
          .map((count, i) => [(native?.first ?? 0) + i, count] as const)
          .filter(([, count]) => count > 0);
        expect([...nativeCounts(found)]).toEqual(expected);
        const inBuckets = expected.reduce((sum, [, count]) => sum + count, 0);
        expect(inBuckets + (found.zeroCount ?? 0)).toBe(values.length);
        expect(found.sampleCount).toBe(values.length);
      }),
    );
  });

  it('a native histogram differs from a classic one before the first observation', async () => {
    nativeCell().reset();

    const found = await readNative();

    expect(found).toMatchObject({ schema: 3, zeroCount: 0, sampleCount: 0, sampleSum: 0 });
    expect(found.positiveSpan).toEqual([{ offset: 0, length: 0 }]);
    expect(found.positiveDelta ?? []).toEqual([]);
  });

  it('a native histogram has a span for each run of buckets, and the differences of their counts', async () => {
    nativeCell().reset();
    // In schema 3, bucket i ends at 2^(i/8): these are the buckets 8, 8, 9 and 16.
    for (const value of [2, 2, 2.1, 4]) nativeCell().observe(value);

    const found = await readNative();

    expect(found.positiveSpan).toEqual([
      { offset: 8, length: 2 },
      { offset: 6, length: 1 },
    ]);
    expect(found.positiveDelta).toEqual([2, -1, 0]);
  });

  it('a native histogram that has only zeros has no spans', async () => {
    nativeCell().reset();
    nativeCell().observe(0);

    const found = await readNative();

    expect(found).toMatchObject({ zeroCount: 1, sampleCount: 1 });
    expect(found.positiveSpan ?? []).toEqual([]);
  });

  it('no message mixes histograms with native buckets and without, which Prometheus refuses', async () => {
    class MixedHandler {
      @Timed({ native: true }) native(): void {}
      @Timed({ native: false }) classic(): void {}
    }
    const mixed = new MixedHandler();
    mixed.classic();
    mixed.native();

    const families = await readProtobuf([LATENCY]);

    const methods = families.map(({ metric = [] }) => {
      const kinds = new Set(metric.map(({ histogram }) => histogram?.schema !== undefined));
      expect(kinds.size).toBe(1);
      return metric.map(({ label }) => label?.find(({ name }) => name === 'thrift_method')?.value);
    });
    expect(methods).toHaveLength(2);
    expect(methods[0]).toContain('classic');
    expect(methods[0]).not.toContain('native');
    expect(methods[1]).toEqual(['native', 'native']);
  });

  it('a native histogram has the classic buckets as well', async () => {
    nativeCell().reset();
    nativeCell().observe(0.02);

    const bounds = (await readNative()).bucket?.map((bucket) => bucket.upperBound);

    expect(bounds).toHaveLength(15);
  });

  it('a classic histogram has no native buckets', async () => {
    handler.run('classic');
    const [family] = await readProtobuf([LATENCY]);

    for (const { histogram } of family?.metric ?? []) {
      expect(histogram).not.toHaveProperty('schema');
      expect(histogram?.positiveSpan ?? []).toEqual([]);
    }
  });
});
