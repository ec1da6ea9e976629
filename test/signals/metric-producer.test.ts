import type { Attributes } from '@opentelemetry/api';
import {
  AggregationTemporality,
  DataPointType,
  type ExponentialHistogram,
  type Histogram,
  InstrumentType,
} from '@opentelemetry/sdk-metrics';
import { Counter, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import {
  configureMetrics,
  Counted,
  InFlight,
  Instrumented,
  instrumentHandler,
  renderMetrics,
  resetMetrics,
  ThriftMetricsError,
  Timed,
} from '../../src/index';
import { ThriftMetricProducer, type ThriftMetricProducerOptions } from '../../src/opentelemetry';
import { errorOf } from '../support/error-of';
import { familyNamed, seriesWith } from '../support/family-named';
import { parseText } from '../support/text-format';
import { millisecondsOf, startCollecting, type Collecting } from './collecting';

const REQUESTS = 'thrift_server_requests_total';
const LATENCY = 'thrift_server_latency_seconds';
const BUCKETS = [0.001, 0.01, 0.1, 1];

let registry: Registry;

@Instrumented({ service: 'Produced', buckets: BUCKETS })
class ProducedHandler {
  run(_fails = false): void {
    if (_fails) throw new RangeError('failed on purpose');
  }

  async wait(until: Promise<void>): Promise<void> {
    await until;
  }
}

class SummaryHandler {
  @Timed({ name: 'summary_seconds', quantiles: [0.5, 0.99] })
  run(): void {}
}

const handler = new ProducedHandler();
const METHOD = { thrift_service: 'Produced', thrift_method: 'run' };

beforeEach(() => {
  registry = new Registry();
  configureMetrics({ registry, processMetrics: false, prefix: '', defaultLabels: {} });
  resetMetrics();
});

afterEach(() => configureMetrics({ exemplar: null, nativeHistograms: false }));

function start(options?: ThriftMetricProducerOptions): Collecting {
  const collecting = startCollecting(options);
  onTestFinished(() => collecting.stop());
  return collecting;
}

function latencyCell(labels: Readonly<Record<string, string>> = { thrift_success: 'true' }) {
  return seriesWith(familyNamed(registry, LATENCY, 'histogram'), { ...METHOD, ...labels }).cell;
}

describe('values', () => {
  test('every series of a scrape is a data point with the same labels and value, and there is no other', async () => {
    handler.run();
    expect(() => handler.run(true)).toThrow(RangeError);
    new SummaryHandler().run();
    new Counter({ name: 'users_own_total', help: 'x', registers: [registry] }).inc();
    const collected = await start().collect();
    const { body } = await renderMetrics();

    const scraped = parseText(body.toString()).filter(
      ({ name, labels }) =>
        name !== 'users_own_total' &&
        // Without observations, a scrape has quantiles of 0.
        !(labels.has('quantile') && labels.get('thrift_success') === 'false'),
    );
    const produced = new Map<string, number>();
    const add = (name: string, attributes: Attributes, value: number): void => {
      const key = keyOf(name, Object.entries(attributes));
      expect(produced.has(key), key).toBe(false);
      produced.set(key, value);
    };
    for (const { descriptor, dataPoints, dataPointType } of collected.metrics) {
      for (const { attributes, value } of dataPoints) {
        if (dataPointType !== DataPointType.HISTOGRAM) {
          add(descriptor.name.replace(/_quantile$/, ''), attributes, value as number);
          continue;
        }
        const { buckets, count, sum } = value as Histogram;
        add(`${descriptor.name}_count`, attributes, count);
        add(`${descriptor.name}_sum`, attributes, sum ?? NaN);
        let cumulative = 0;
        buckets.counts.forEach((each, i) => {
          cumulative += each;
          if (buckets.boundaries.length === 0) return;
          const bound = buckets.boundaries[i];
          add(
            `${descriptor.name}_bucket`,
            { ...attributes, le: bound === undefined ? '+Inf' : String(bound) },
            cumulative,
          );
        });
      }
    }
    const expected = new Map(
      scraped.map(({ name, labels, value }) => [keyOf(name, [...labels]), value]),
    );

    expect(expected.size).toBeGreaterThan(40);
    expect(produced).toEqual(expected);
  });

  test('a metric of each kind has the type that OpenTelemetry has for it', async () => {
    handler.run();
    const collected = await start().collect();

    expect(collected.metric(REQUESTS)).toMatchObject({
      dataPointType: DataPointType.SUM,
      isMonotonic: true,
      aggregationTemporality: AggregationTemporality.CUMULATIVE,
      descriptor: { unit: '', description: expect.stringContaining('Total number') },
    });
    expect(collected.metric('thrift_server_active_requests')).toMatchObject({
      dataPointType: DataPointType.SUM,
      isMonotonic: false,
    });
    expect(collected.metric('thrift_server_oldest_active_request_seconds')).toMatchObject({
      dataPointType: DataPointType.GAUGE,
      descriptor: { unit: 's' },
    });
    expect(collected.metric(LATENCY)).toMatchObject({
      dataPointType: DataPointType.HISTOGRAM,
      descriptor: { unit: 's' },
    });
    expect(collected.metric('thrift_metrics_info').dataPointType).toBe(DataPointType.GAUGE);
  });

  test('an up-down counter follows calls in progress', async () => {
    const collecting = start();
    const { promise, resolve } = deferred();
    const call = handler.wait(promise);
    const active = async (): Promise<number> => {
      const labels = { thrift_method: 'wait' };
      return (await collecting.collect()).point('thrift_server_active_requests', labels).value;
    };

    expect(await active()).toBe(1);
    resolve();
    await call;
    expect(await active()).toBe(0);
  });

  test('a summary is a histogram without bounds, and a gauge for each quantile once it has observed something', async () => {
    const collecting = start();
    const success = { thrift_success: 'true' };
    const before = await collecting.collect();
    expect(before.point<Histogram>('summary_seconds', success).value).toMatchObject({ count: 0 });
    expect(before.has('summary_seconds_quantile')).toBe(false);

    const { cell } = seriesWith(familyNamed(registry, 'summary_seconds', 'summary'), success);
    for (const value of [1, 2, 3]) cell.observe(value);
    const after = await collecting.collect();

    expect(after.point<Histogram>('summary_seconds', success).value).toEqual({
      buckets: { boundaries: [], counts: [3] },
      count: 3,
      sum: 6,
    });
    const [median, high] = cell.values();
    expect(after.point('summary_seconds_quantile', { quantile: '0.5' }).value).toBe(median);
    expect(after.point('summary_seconds_quantile', { quantile: '0.99' }).value).toBe(high);
  });

  test('prefix and default labels are those of a scrape, and a label of the series wins', async () => {
    class LabeledHandler {
      @Counted({ name: 'labeled_total', labels: { tier: 'gold' } }) run(): void {}
    }
    new LabeledHandler().run();
    configureMetrics({ prefix: 'app_', defaultLabels: { tier: 'none', zone: 'a' } });
    registry.setDefaultLabels({ region: 'r', zone: 'b' });
    const collected = await start().collect();

    expect(collected.point('app_labeled_total').attributes).toMatchObject({
      tier: 'gold',
      zone: 'a',
      region: 'r',
    });
    expect(collected.has('labeled_total')).toBe(false);
  });

  test('renamed labels have their own names, and the attributes of the conventions stay', async () => {
    configureMetrics({ labelNames: { thrift_service: 'service' } });
    onTestFinished(() => configureMetrics({ labelNames: {} }));
    handler.run();
    const names = await start().collect();
    const conventions = await start({ naming: 'opentelemetry' }).collect();

    const { attributes } = names.point(REQUESTS, { service: 'Produced', thrift_method: 'run' });
    expect(attributes).toEqual({ service: 'Produced', thrift_method: 'run' });
    const method = { 'rpc.method': 'Produced/run' };
    expect(conventions.point('thrift.server.requests', method).value).toBe(1);
  });

  test('a metric that was removed from the registry is left out, and one that is declared again is back', async () => {
    const collecting = start();
    registry.removeSingleMetric(REQUESTS);
    expect((await collecting.collect()).has(REQUESTS)).toBe(false);

    class AgainHandler {
      @Counted run(): void {}
    }
    new AgainHandler().run();
    expect((await collecting.collect()).point(REQUESTS, { thrift_service: 'Again' }).value).toBe(1);
  });

  test('the metrics of the SDK and of the producer have scopes of their own and the resource of the provider', async () => {
    const collecting = start();
    collecting.provider.getMeter('own').createCounter('own.count').add(2);
    const { resourceMetrics, metrics } = await collecting.collect();

    const scopes = resourceMetrics.scopeMetrics.map(({ scope }) => scope.name);
    expect(scopes).toEqual(['own', 'thrift-metrics']);
    expect(metrics.map(({ descriptor }) => descriptor.name)).toContain('own.count');
    expect(resourceMetrics.resource.attributes['telemetry.sdk.name']).toBe('opentelemetry');
  });
});

describe('start times', () => {
  test('a cumulative point starts when its series began, and again when it is reset', async () => {
    const collecting = start();
    handler.run();
    const first = await collecting.collect();
    for (const { dataPoints } of first.metrics) {
      for (const { startTime, endTime } of dataPoints) {
        expect(millisecondsOf(startTime)).toBeLessThanOrEqual(millisecondsOf(endTime));
        expect(millisecondsOf(startTime)).toBeGreaterThan(Date.now() - 3_600_000);
      }
    }
    const before = millisecondsOf(first.point(REQUESTS, METHOD).startTime);
    resetMetrics();
    const second = await collecting.collect();
    const after = second.point(REQUESTS, METHOD);

    expect(after.value).toBe(0);
    expect(millisecondsOf(after.startTime)).toBeGreaterThanOrEqual(before);
    const cell = seriesWith(familyNamed(registry, REQUESTS, 'counter'), METHOD).cell;
    const { startedAt } = cell;
    cell.reset();
    expect(cell.startedAt).toBeGreaterThan(startedAt);
  });

  test('a point never starts after its end', async () => {
    const collecting = start();
    const { cell } = seriesWith(familyNamed(registry, REQUESTS, 'counter'), METHOD);
    // Several resets within a millisecond move the start ahead of the clock.
    for (let i = 0; i < 1000; i++) cell.reset();
    const { startTime, endTime } = (await collecting.collect()).point(REQUESTS, METHOD);

    expect(startTime).toEqual(endTime);
  });

  test('an up-down counter starts again when a reset has set it to 0', async () => {
    const collecting = start();
    const { promise, resolve } = deferred();
    const call = handler.wait(promise);
    const active = async () =>
      (await collecting.collect()).point('thrift_server_active_requests', {
        thrift_method: 'wait',
      });
    const before = await active();
    expect(before.value).toBe(1);
    resetMetrics();
    const after = await active();

    expect(after.value).toBe(0);
    expect(after.startTime).toEqual(after.endTime);
    expect((await active()).startTime).toEqual(after.startTime);
    resolve();
    await call;
    expect((await active()).value).toBe(0);
  });
});

describe('delta', () => {
  test('a point has what happened since the collection before, and starts with it', async () => {
    const collecting = start({ temporality: 'delta' });
    handler.run();
    handler.run();
    const first = await collecting.collect();
    handler.run();
    const second = await collecting.collect();

    expect(first.metric(REQUESTS).aggregationTemporality).toBe(AggregationTemporality.DELTA);
    expect(first.point(REQUESTS, METHOD).value).toBe(2);
    expect(second.point(REQUESTS, METHOD).value).toBe(1);
    expect(second.point(REQUESTS, METHOD).startTime).toEqual(first.point(REQUESTS, METHOD).endTime);
    const success = { ...METHOD, thrift_success: 'true' };
    expect(first.point<Histogram>(LATENCY, success).value.count).toBe(2);
    expect(second.point<Histogram>(LATENCY, success).value.count).toBe(1);
  });

  test('a series that did not change has no point after its first one at 0', async () => {
    const collecting = start({ temporality: 'delta' });
    const first = await collecting.collect();
    const second = await collecting.collect();

    expect(first.point(REQUESTS, METHOD).value).toBe(0);
    expect(second.has(REQUESTS)).toBe(false);
    expect(second.has(LATENCY)).toBe(false);
  });

  test('calls before and after a reset are both counted', async () => {
    const collecting = start({ temporality: 'delta' });
    handler.run();
    await collecting.collect();
    resetMetrics();
    handler.run();
    handler.run();
    const point = (await collecting.collect()).point(REQUESTS, METHOD);

    expect(point.value).toBe(2);
  });

  test('values that can fall stay cumulative', async () => {
    const collecting = start({ temporality: 'delta' });
    const { promise, resolve } = deferred();
    const call = handler.wait(promise);
    for (let i = 0; i < 2; i++) {
      // oxlint-disable-next-line no-await-in-loop -- one collection after the other
      const collected = await collecting.collect();
      const metric = collected.metric('thrift_server_active_requests');
      expect(metric.aggregationTemporality).toBe(AggregationTemporality.CUMULATIVE);
      expect(
        collected.point('thrift_server_active_requests', { thrift_method: 'wait' }).value,
      ).toBe(1);
    }
    resolve();
    await call;
  });

  test('collections at the same time report each call once', async () => {
    const { producer } = start({ temporality: 'delta' });
    for (let i = 0; i < 10; i++) handler.run();
    const results = await Promise.all([producer.collect(), producer.collect(), producer.collect()]);
    const points = results.flatMap(({ resourceMetrics }) =>
      resourceMetrics.scopeMetrics.flatMap(({ metrics }) =>
        metrics
          .filter(({ descriptor }) => descriptor.name === REQUESTS)
          .flatMap(({ dataPoints }) => dataPoints.map(({ value }) => value as number)),
      ),
    );

    expect(points.reduce((sum, value) => sum + value, 0)).toBe(10);
  });

  test('a collection begins when the one before has ended, so that intervals do not overlap', async () => {
    const many = instrumentHandler(
      { run: (_key: string) => {} },
      { service: 'Overlapping', labels: { key: ({ args }) => args[0] } },
    );
    for (let i = 0; i < 3000; i++) many.run(String(i));
    const { producer } = start({ temporality: 'delta' });
    const events: string[] = [];
    const original = registry.getMetricsAsArray.bind(registry);
    registry.getMetricsAsArray = () => {
      events.push('begin');
      return original();
    };
    const end = (): void => void events.push('end');
    await Promise.all([producer.collect().then(end), producer.collect().then(end)]);

    expect(events).toEqual(['begin', 'end', 'begin', 'end']);
  });

  test('a point has the exemplars since the collection before', async () => {
    configureMetrics({ exemplar: () => ({ trace_id: 'c'.repeat(32) }) });
    const collecting = start({ temporality: 'delta' });
    handler.run();
    const success = { ...METHOD, thrift_success: 'true' };
    const [exemplar] = latencyCell().exemplars ?? [];
    if (exemplar === undefined) throw new Error('no exemplar');
    latencyCell().exemplars = [{ ...exemplar, timestamp: 1 }];
    const first = await collecting.collect();
    configureMetrics({ exemplar: null });
    handler.run();
    const second = await collecting.collect();

    expect(first.point(LATENCY, success)).toHaveProperty('exemplars');
    expect(second.point(LATENCY, success)).not.toHaveProperty('exemplars');
  });

  test('series that a rule sums over a label have one delta, by error type as well', async () => {
    const summed = instrumentHandler(
      {
        run: (_tenant: string, fails: boolean) => {
          if (fails) throw new RangeError('failed on purpose');
        },
      },
      { service: 'Summed', labels: { tenant: ({ args }) => args[0] }, buckets: BUCKETS },
    );
    const match = { service: 'Summed' };
    configureMetrics({ rules: [{ match, labels: { drop: ['tenant'] } }] });
    onTestFinished(() => configureMetrics({ rules: [] }));
    const names = start({ temporality: 'delta' });
    const conventions = start({ temporality: 'delta', naming: 'opentelemetry' });
    const call = (tenant: string, fails = false): void => {
      try {
        summed.run(tenant, fails);
      } catch {
        // The error is counted.
      }
    };
    const labels = { thrift_service: 'Summed' };
    const counts = async (): Promise<[requests: number, failed: number]> => {
      const requests = (await names.collect()).point(REQUESTS, labels).value;
      const failed = (await conventions.collect()).point<Histogram>('rpc.server.call.duration', {
        'rpc.method': 'Summed/run',
        'error.type': 'RangeError',
      });
      return [requests, failed.value.count];
    };

    call('a');
    call('b', true);
    call('a', true);
    expect(await counts()).toEqual([3, 2]);
    call('b', true);
    call('c');
    expect(await counts()).toEqual([2, 1]);
  });

  test('each of two producers reports every call', async () => {
    const [one, other] = [start({ temporality: 'delta' }), start({ temporality: 'delta' })];
    handler.run();
    expect((await one.collect()).point(REQUESTS, METHOD).value).toBe(1);
    expect((await other.collect()).point(REQUESTS, METHOD).value).toBe(1);
  });

  test('an exporter decides the temporality of each instrument', async () => {
    const asked: string[] = [];
    const exporter = {
      selectAggregationTemporality(type: InstrumentType): AggregationTemporality {
        asked.push(type);
        return type === InstrumentType.HISTOGRAM
          ? AggregationTemporality.CUMULATIVE
          : AggregationTemporality.DELTA;
      },
    };
    const collecting = start({ temporality: exporter });
    const { promise, resolve } = deferred();
    const call = handler.wait(promise);
    const changes: number[] = [];
    const collect = async () => {
      const collected = await collecting.collect();
      const labels = { thrift_method: 'wait' };
      changes.push(collected.point('thrift_server_active_requests', labels).value);
      return collected;
    };
    const collected = await collect();
    resolve();
    await call;
    await collect();

    expect(asked.toSorted()).toEqual(['COUNTER', 'HISTOGRAM', 'UP_DOWN_COUNTER']);
    expect(collected.metric(REQUESTS).aggregationTemporality).toBe(AggregationTemporality.DELTA);
    expect(collected.metric(LATENCY).aggregationTemporality).toBe(
      AggregationTemporality.CUMULATIVE,
    );
    expect(changes).toEqual([1, -1]);
  });
});

describe('native histograms', () => {
  test('native buckets become exponential histograms with the same buckets', async () => {
    configureMetrics({ nativeHistograms: { resolution: 3 } });
    const collecting = start();
    const cell = latencyCell();
    for (const value of [0, 0.001, 0.0011, 0.5, 1, 4, 1000]) cell.observe(value);
    const collected = await collecting.collect();
    const { value } = collected.point<ExponentialHistogram>(LATENCY, {
      ...METHOD,
      thrift_success: 'true',
    });

    expect(collected.metric(LATENCY).dataPointType).toBe(DataPointType.EXPONENTIAL_HISTOGRAM);
    expect(value).toMatchObject({ count: 7, zeroCount: 1, scale: 3 });
    expect(value.sum).toBe(cell.sum);
    const base = 2 ** (2 ** -3);
    const bounds = value.positive.bucketCounts.flatMap((count, i) => {
      const upper = base ** (value.positive.offset + i + 1);
      return Array.from({ length: count }, () => upper);
    });
    [0.001, 0.0011, 0.5, 1, 4, 1000].forEach((observed, i) => {
      const upper = bounds[i] as number;
      // Powers of two are bounds, and belong to the bucket below, up to rounding of this computation.
      expect(observed).toBeLessThanOrEqual(upper * (1 + 1e-12));
      expect(observed).toBeGreaterThan((upper / base) * (1 - 1e-12));
    });
  });

  test('exponential: false exports the explicit buckets of the same histogram', async () => {
    configureMetrics({ nativeHistograms: { resolution: 3 } });
    const collecting = start({ exponential: false });
    handler.run();
    const collected = await collecting.collect();

    expect(collected.metric(LATENCY).dataPointType).toBe(DataPointType.HISTOGRAM);
    const point = collected.point<Histogram>(LATENCY, { ...METHOD, thrift_success: 'true' });
    expect(point.value.buckets.boundaries).toEqual(BUCKETS);
  });

  test('a family with native and classic histograms has a metric of each kind', async () => {
    class MixedHandler {
      @Timed({ name: 'mixed_seconds', native: true }) native(): void {}
      @Timed({ name: 'mixed_seconds', native: false }) classic(): void {}
    }
    new MixedHandler().native();
    const { metrics } = await start().collect();
    const types = metrics
      .filter(({ descriptor }) => descriptor.name === 'mixed_seconds')
      .map(({ dataPointType }) => dataPointType);

    expect(types).toEqual([DataPointType.HISTOGRAM, DataPointType.EXPONENTIAL_HISTOGRAM]);
  });
});

describe('exemplars', () => {
  test('a bucket and an error have the exemplars that OpenMetrics shows, with the ids of trace and span', async () => {
    configureMetrics({
      exemplar: () => ({ trace_id: 'a'.repeat(32), span_id: 'b'.repeat(16), shard: '3' }),
    });
    const collecting = start();
    expect(() => handler.run(true)).toThrow(RangeError);
    const collected = await collecting.collect();
    const expected = {
      traceId: 'a'.repeat(32),
      spanId: 'b'.repeat(16),
      filteredAttributes: { shard: '3' },
    };

    const failed = { ...METHOD, thrift_success: 'false' };
    const latency = collected.point<Histogram>(LATENCY, failed);
    expect(latency).toHaveProperty('exemplars', [
      { ...expected, value: expect.any(Number), timestamp: expect.any(Array) },
    ]);
    const type = { ...METHOD, thrift_exception_type: 'RangeError' };
    const error = collected.point('thrift_server_errors_total', type);
    expect(error).toHaveProperty('exemplars', [
      { ...expected, value: 1, timestamp: expect.any(Array) },
    ]);
    expect(collected.point(REQUESTS, METHOD)).not.toHaveProperty('exemplars');
  });
});

describe('options', () => {
  test.each([
    [
      { naming: 'otel' },
      'TM_ERR_OPTION_INVALID',
      /naming.*'otel'.*'prometheus' or 'opentelemetry'/,
    ],
    [{ naming: 'toString' }, 'TM_ERR_OPTION_INVALID', /naming/],
    [{ temporality: 'both' }, 'TM_ERR_OPTION_INVALID', /temporality.*'both'/],
    [{ temporality: {} }, 'TM_ERR_OPTION_INVALID', /temporality.*selectAggregationTemporality/],
    [
      { temporality: { selectAggregationTemporality: () => 2 } },
      'TM_ERR_OPTION_INVALID',
      /returned 2 for COUNTER.*Expected 0 \(delta\) or 1 \(cumulative\)/,
    ],
    [{ exponential: 1 }, 'TM_ERR_OPTION_INVALID', /exponential.*boolean/],
    [{ resource: 'x' }, 'TM_ERR_OPTION_INVALID', /resource/],
    [{ interval: 1 }, 'TM_ERR_OPTION_UNKNOWN', /ThriftMetricProducer.*'interval'/],
    [null, 'TM_ERR_OPTION_INVALID', /null/],
  ])('wrong options are refused: %j', (options, code, message) => {
    const error = errorOf(() => new ThriftMetricProducer(options as never));

    expect(error).toBeInstanceOf(ThriftMetricsError);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  test('collect resolves with the resource that was passed, and one without attributes by default', async () => {
    const { resourceFromAttributes } = await import('@opentelemetry/resources');
    const resource = resourceFromAttributes({ 'service.name': 'orders' });
    const own = await new ThriftMetricProducer({ resource }).collect();
    const none = await new ThriftMetricProducer().collect();

    expect(own.resourceMetrics.resource).toBe(resource);
    expect(none.resourceMetrics.resource.attributes).toEqual({});
    expect(none.resourceMetrics.resource.merge(resource)).toBe(resource);
    expect(none.resourceMetrics.resource.getRawAttributes()).toEqual([]);
  });

  test('a registry that fails is an error of the collection, which does not reject', async () => {
    const failing = new Registry();
    configureMetrics({ registry: failing, onError: () => {} });
    const producer = new ThriftMetricProducer();
    failing.getMetricsAsArray = () => {
      throw new Error('registry failed on purpose');
    };
    const { errors, resourceMetrics } = await producer.collect();

    expect(errors).toEqual([new Error('registry failed on purpose')]);
    expect(resourceMetrics.scopeMetrics).toMatchObject([{ metrics: [] }]);
  });
});

test('a method that counts only calls in progress is an up-down counter under its own name', async () => {
  class OwnHandler {
    @InFlight('own_in_progress') run(): void {}
  }
  new OwnHandler().run();
  expect((await start().collect()).metric('own_in_progress')).toMatchObject({
    dataPointType: DataPointType.SUM,
    isMonotonic: false,
  });
});

function deferred() {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

function keyOf(name: string, labels: Iterable<readonly [string, unknown]>): string {
  const sorted = [...labels].map(([key, value]) => `${key}=${String(value)}`).toSorted();
  return `${name}{${sorted.join(',')}}`;
}
