import {
  AggregationTemporality,
  type DataPoint,
  type ExponentialHistogram,
  type Histogram,
} from '@opentelemetry/sdk-metrics';
import * as fc from 'fast-check';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { configureMetrics, instrumentHandler, resetMetrics } from '../../src/index';
import type { NativeBuckets } from '../../src/metrics/native-buckets';
import { familyNamed } from '../support/family-named';
import { type Collected, startCollecting } from './collecting';

const METHODS = ['alpha', 'beta'] as const;
const ERRORS = [RangeError, TypeError, Error] as const;
const REQUESTS = 'thrift_server_requests_total';
const ERROR_TOTAL = 'thrift_server_errors_total';
const LATENCY = 'thrift_server_latency_seconds';

type Step =
  | {
      readonly kind: 'call';
      readonly method: 0 | 1;
      readonly tenant: string;
      readonly error: number;
    }
  | { readonly kind: 'collect' }
  | { readonly kind: 'reset' };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('call' as const),
      method: fc.constantFrom(0 as const, 1 as const),
      tenant: fc.constantFrom('', 'a', 'b"\\', '_other'),
      error: fc.integer({ min: -2, max: ERRORS.length - 1 }),
    }),
  },
  { weight: 3, arbitrary: fc.constant({ kind: 'collect' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'reset' as const }) },
);

/** The counts that a backend should have, by what they count. */
class Model {
  readonly counts = new Map<string, number>();

  add(...key: string[]): void {
    const text = JSON.stringify(key);
    this.counts.set(text, (this.counts.get(text) ?? 0) + 1);
  }
}

/** Adds up deltas as a backend does. */
class Backend {
  readonly counts = new Map<string, number>();
  private readonly ends = new Map<string, string>();

  receive(collected: Collected): void {
    this.sums(collected, REQUESTS, 'request', []);
    this.sums(collected, ERROR_TOTAL, 'error', ['thrift_exception_type']);
    if (!collected.has(LATENCY)) return;
    for (const point of collected.points<Histogram>(LATENCY)) {
      this.add(
        point,
        ['settled', ...keyOf(point), label(point, 'thrift_success')],
        point.value.count,
      );
      const { counts } = point.value.buckets;
      expect(counts.reduce((sum, count) => sum + count, 0)).toBe(point.value.count);
      expect(Math.min(...counts)).toBeGreaterThanOrEqual(0);
    }
  }

  private sums(collected: Collected, name: string, what: string, extra: string[]): void {
    if (!collected.has(name)) return;
    for (const point of collected.points(name)) {
      const key = [what, ...keyOf(point), ...extra.map((each) => label(point, each))];
      this.add(point, key, point.value);
    }
  }

  private add(point: DataPoint<unknown>, key: string[], value: number): void {
    const text = JSON.stringify(key);
    // Intervals of a series do not overlap.
    const [seconds, nanoseconds] = point.startTime;
    const start = `${seconds}.${String(nanoseconds).padStart(9, '0')}`;
    expect(start >= (this.ends.get(text) ?? '')).toBe(true);
    const [endSeconds, endNanoseconds] = point.endTime;
    this.ends.set(text, `${endSeconds}.${String(endNanoseconds).padStart(9, '0')}`);
    if (value !== 0) this.counts.set(text, (this.counts.get(text) ?? 0) + value);
  }
}

function label({ attributes }: DataPoint<unknown>, name: string): string {
  return String(attributes[name]);
}

function keyOf(point: DataPoint<unknown>): string[] {
  return [label(point, 'thrift_method'), label(point, 'tenant')];
}

let registry: Registry;
let round = 0;

beforeAll(() => {
  registry = new Registry();
  configureMetrics({ registry, processMetrics: false, maxSeriesPerMetric: 1_000_000 });
});
beforeEach(() => resetMetrics());
afterAll(() => registry.clear());

test('after any calls, errors, collections and resets, deltas add up to all calls, and cumulative points are those since the last reset', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      resetMetrics();
      const cumulative = startCollecting();
      const delta = startCollecting({ temporality: 'delta' }, AggregationTemporality.DELTA);
      const service = `Model${round++}`;
      const run = (error: number): void => {
        const Type = ERRORS[error];
        if (Type !== undefined) throw new Type('failed on purpose');
      };
      const handler = instrumentHandler(
        {
          alpha: (_tenant: string, error: number) => run(error),
          beta: (_tenant: string, error: number) => run(error),
        },
        { service, labels: { tenant: ({ args }) => args[0] } },
      );
      const all = new Model();
      let sinceReset = new Model();
      const backend = new Backend();
      const ofService = async (from: typeof delta): Promise<Collected> =>
        onlyService(await from.collect(), service);
      let uncollected = new Model();

      for (const each of steps) {
        if (each.kind === 'call') {
          const method = METHODS[each.method];
          const Type = ERRORS[each.error];
          try {
            handler[method](each.tenant, each.error);
          } catch {
            // The error is counted.
          }
          for (const model of [uncollected, sinceReset]) {
            model.add('request', method, each.tenant);
            model.add('settled', method, each.tenant, String(Type === undefined));
            if (Type !== undefined) model.add('error', method, each.tenant, Type.name);
          }
        } else if (each.kind === 'reset') {
          // What was counted since the last collection is lost with the reset.
          resetMetrics();
          uncollected = new Model();
          sinceReset = new Model();
        } else {
          // oxlint-disable-next-line no-await-in-loop -- steps follow one another
          backend.receive(await ofService(delta));
          addAll(all, uncollected);
          uncollected = new Model();
          const snapshot = new Backend();
          // oxlint-disable-next-line no-await-in-loop -- steps follow one another
          snapshot.receive(await ofService(cumulative));
          expect(snapshot.counts).toEqual(sinceReset.counts);
          expect(backend.counts).toEqual(all.counts);
        }
      }
      backend.receive(await ofService(delta));
      addAll(all, uncollected);
      expect(backend.counts).toEqual(all.counts);
      await Promise.all([cumulative.stop(), delta.stop()]);
    }),
    { numRuns: 60 },
  );
});

function addAll(into: Model, { counts }: Model): void {
  for (const [key, count] of counts) into.counts.set(key, (into.counts.get(key) ?? 0) + count);
}

/** Leaves out the series of earlier rounds, which a registry keeps. */
function onlyService(collected: Collected, service: string): Collected {
  for (const { metrics } of collected.resourceMetrics.scopeMetrics) {
    for (const metric of metrics) {
      const points = metric.dataPoints as DataPoint<unknown>[];
      const kept = points.filter(({ attributes }) => attributes['thrift_service'] === service);
      points.splice(0, points.length, ...kept);
    }
  }
  return collected;
}

const observation = fc.oneof(
  fc.double({ min: 0, max: 1e6, noNaN: true }),
  fc.constantFrom(0, 1, 2, 0.5, 1024, 2 ** -20, 1e-9),
);

test('for any observations, exponential histograms have the native buckets, and their deltas add up to them at any resolution', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(observation, { maxLength: 30 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: -4, max: 8 }),
      fc.integer({ min: 1, max: 40 }),
      async (batches, resolution, maxBuckets) => {
        configureMetrics({ nativeHistograms: { resolution, maxBuckets } });
        const service = `Native${round++}`;
        instrumentHandler({ run: () => {} }, { service });
        const family = familyNamed(registry, LATENCY, 'histogram');
        const series = [...family.series()].find(
          ({ labels }) =>
            labels['thrift_service'] === service && labels['thrift_success'] === 'true',
        );
        const cell = series?.cell;
        if (cell === undefined) throw new Error('no series');
        const cumulative = startCollecting();
        const delta = startCollecting({ temporality: 'delta' });
        const sum = new ExponentialSum();
        const of = async (from: typeof delta) => {
          const collected = await from.collect();
          if (!collected.has(LATENCY)) return undefined;
          return collected
            .points<ExponentialHistogram>(LATENCY)
            .find(
              ({ attributes }) =>
                attributes['thrift_service'] === service && attributes['thrift_success'] === 'true',
            )?.value;
        };
        for (const batch of batches) {
          for (const value of batch) cell.observe(value);
          // oxlint-disable-next-line no-await-in-loop -- batches follow one another
          const [total, change] = [await of(cumulative), await of(delta)];
          if (total === undefined) throw new Error('no point');
          const native = cell.native as NativeBuckets;
          expect(countsByUpperBound(total)).toEqual(nativeCounts(native));
          expect(total).toMatchObject({
            zeroCount: native.zeros,
            scale: native.schema,
            count: cell.count(),
            sum: cell.sum,
          });
          if (change === undefined) expect(batch).toEqual([]);
          else sum.add(change);
          expect(sum.at(native.schema)).toEqual(nativeCounts(native));
          expect(sum.zeros).toBe(native.zeros);
        }
        await Promise.all([cumulative.stop(), delta.stop()]);
      },
    ),
    { numRuns: 60 },
  );
  configureMetrics({ nativeHistograms: false });
});

/** The counts by the index that Prometheus gives a bucket, without empty buckets. */
function nativeCounts({ first, counts }: NativeBuckets): Map<number, number> {
  return new Map(
    counts.map((count, i): [number, number] => [first + i, count]).filter(([, count]) => count > 0),
  );
}

function countsByUpperBound({ positive }: ExponentialHistogram): Map<number, number> {
  return new Map(
    positive.bucketCounts
      .map((count, i): [number, number] => [positive.offset + i + 1, count])
      .filter(([, count]) => count > 0),
  );
}

/** Adds up exponential histograms of different scales. */
class ExponentialSum {
  zeros = 0;
  private readonly parts: ExponentialHistogram[] = [];

  add(part: ExponentialHistogram): void {
    this.zeros += part.zeroCount;
    this.parts.push(part);
    expect(Math.min(0, ...part.positive.bucketCounts)).toBe(0);
  }

  at(scale: number): Map<number, number> {
    const counts = new Map<number, number>();
    for (const part of this.parts) {
      for (const [index, count] of countsByUpperBound(part)) {
        const at = Math.ceil(index / 2 ** (part.scale - scale));
        counts.set(at, (counts.get(at) ?? 0) + count);
      }
    }
    return new Map([...counts].toSorted(([a], [b]) => a - b));
  }
}

test('a collection of many series yields to the event loop, and each series is read whole', async () => {
  const handler = instrumentHandler(
    { run: (_key: string) => {} },
    { service: 'Many', labels: { key: ({ args }) => args[0] } },
  );
  for (let i = 0; i < 20_000; i++) handler.run(String(i));
  const collecting = startCollecting();
  let turns = 0;
  let isDone = false;
  const count = (): void => {
    if (isDone) return;
    turns++;
    setImmediate(count);
  };
  setImmediate(count);
  const collected = await collecting.collect();
  isDone = true;

  expect(turns).toBeGreaterThan(20);
  const points = collected
    .points(REQUESTS)
    .filter((each) => label(each, 'thrift_service') === 'Many');
  expect(points).toHaveLength(20_000);
  expect(points.every(({ value }) => value === 1)).toBe(true);
  await collecting.stop();
});
