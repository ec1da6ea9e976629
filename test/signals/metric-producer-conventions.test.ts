import { type DataPoint, DataPointType, type Histogram } from '@opentelemetry/sdk-metrics';
import { Registry } from 'prom-client';
import { beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';

import {
  configureMetrics,
  instrumentClient,
  instrumentHandler,
  instrumentServer,
  instrumentService,
  renderMetrics,
  resetMetrics,
  Timed,
} from '../../src/index';
import { CATALOGUE } from '../../src/metrics/catalogue';
import { parseText } from '../support/text-format';
import { Answers, Library, Shelf } from '../thrift/client/library';
import { clientOf, startTcp } from '../thrift/client/transports';
import { type Collected, startCollecting, type Collecting } from './collecting';

/** The boundaries that the RPC conventions recommend. */
const BOUNDARIES = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const SERVER = 'rpc.server.call.duration';
const CLIENT = 'rpc.client.call.duration';

beforeAll(() => {
  configureMetrics({ registry: new Registry(), processMetrics: false, buckets: BOUNDARIES });
});
beforeEach(() => resetMetrics());

function start(): Collecting {
  const collecting = startCollecting({ naming: 'opentelemetry' });
  onTestFinished(() => collecting.stop());
  return collecting;
}

/** The points of a duration that have observations, by their attributes. */
function pointsOf(collected: Collected, name: string, scope: string): Map<string, Histogram> {
  const metrics = collected.resourceMetrics.scopeMetrics
    .filter((each) => each.scope.name === scope)
    .flatMap((each) => each.metrics)
    .filter(({ descriptor }) => descriptor.name === name);
  const points = metrics.flatMap(({ dataPoints }) => dataPoints as DataPoint<Histogram>[]);
  return new Map(
    points
      .filter(({ value }) => value.count > 0)
      .map(({ attributes, value }): [string, Histogram] => [
        JSON.stringify(Object.entries(attributes).toSorted(([a], [b]) => a.localeCompare(b))),
        value,
      ]),
  );
}

function cumulative({ buckets }: Histogram): number[] {
  let sum = 0;
  return buckets.counts.map((count) => (sum += count));
}

class Refused extends Error {
  override name = 'Refused';
}

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

test('the durations of handlers are the points that the SDK itself records for the same calls', async () => {
  const collecting = start();
  const meter = collecting.provider.getMeter('sdk');
  const options = {
    description: 'Measures the duration of an incoming Remote Procedure Call (RPC).',
    unit: 's',
    advice: { explicitBucketBoundaries: BOUNDARIES },
  };
  const outside = meter.createHistogram(SERVER, options);
  const inside = collecting.provider.getMeter('sdk-inside').createHistogram(SERVER, options);
  const record = (
    histogram: typeof outside,
    method: string,
    began: number,
    error: unknown,
  ): void => {
    const failed = error instanceof Error ? { 'error.type': error.name } : {};
    histogram.record((performance.now() - began) / 1000, {
      'rpc.system.name': 'apache_thrift',
      'rpc.method': `Convention/${method}`,
      ...failed,
    });
  };
  /** Measures within what this package measures. */
  const within = (method: string, error: Error | null): void => {
    const began = performance.now();
    const until = began + Math.random() * 12;
    // Some calls take longer than the first bounds.
    while (performance.now() < until);
    record(inside, method, began, error);
    if (error !== null) throw error;
  };
  const handler = instrumentHandler(
    {
      add: (error: Error | null) => within('add', error),
      ping: async (error: Error | null) => {
        await nextTurn();
        within('ping', error);
      },
      idle: () => {},
    },
    { service: 'Convention', exceptions: [Refused] },
  );
  const errors = [null, null, new Refused('x'), new RangeError('x'), new TypeError('x'), null];
  for (let i = 0; i < 60; i++) {
    const error = errors[i % errors.length] ?? null;
    const method = i % 4 === 0 ? 'ping' : 'add';
    const began = performance.now();
    try {
      // oxlint-disable-next-line no-await-in-loop -- calls follow one another, so that durations nest
      await handler[method](error);
    } catch {
      // The caller gets the error of the handler.
    }
    record(outside, method, began, error);
  }
  const collected = await collecting.collect();
  const ours = pointsOf(collected, SERVER, 'thrift-metrics');
  const shorter = pointsOf(collected, SERVER, 'sdk-inside');
  const longer = pointsOf(collected, SERVER, 'sdk');

  expect([...ours.keys()].toSorted()).toEqual([...longer.keys()].toSorted());
  expect(ours.size).toBe(7);
  for (const [key, value] of ours) {
    const [low, high] = [shorter.get(key) as Histogram, longer.get(key) as Histogram];
    expect(value.count, key).toBe(high.count);
    expect(value.buckets.boundaries).toEqual(high.buckets.boundaries);
    // A longer duration is in the same bucket or a later one.
    cumulative(value).forEach((count, i) => {
      expect(count, key).toBeLessThanOrEqual(cumulative(low)[i] as number);
      expect(count, key).toBeGreaterThanOrEqual(cumulative(high)[i] as number);
    });
    expect(value.sum).toBeGreaterThanOrEqual(low.sum as number);
    expect(value.sum).toBeLessThanOrEqual(high.sum as number);
  }
  const [own, sdk] = ['thrift-metrics', 'sdk'].map((scope) => {
    const { metrics } = collected.resourceMetrics.scopeMetrics.find(
      (each) => each.scope.name === scope,
    ) as (typeof collected.resourceMetrics.scopeMetrics)[number];
    return metrics.find(({ descriptor }) => descriptor.name === SERVER);
  });
  expect(own?.descriptor).toMatchObject({
    name: sdk?.descriptor.name,
    unit: sdk?.descriptor.unit,
    description: sdk?.descriptor.description,
    valueType: sdk?.descriptor.valueType,
  });
  expect(own).toMatchObject({
    dataPointType: sdk?.dataPointType,
    aggregationTemporality: sdk?.aggregationTemporality,
  });
});

test('a failed call without a recorded error type, and one before the producer existed, are _OTHER', async () => {
  class OnlyTimedHandler {
    @Timed run(): void {
      throw new RangeError('failed on purpose');
    }
  }
  const collecting = start();
  expect(() => new OnlyTimedHandler().run()).toThrow(RangeError);
  const collected = await collecting.collect();
  const point = collected.point<Histogram>(SERVER, {
    'rpc.method': 'OnlyTimed/run',
    'error.type': '_OTHER',
  });

  expect(point.value.count).toBe(1);
});

test('error types past the fiftieth of a method share one point, and no call is lost', async () => {
  const handler = instrumentHandler(
    {
      run: (type: number) => {
        throw Object.assign(new Error('failed on purpose'), { name: `E${type}` });
      },
    },
    { service: 'Types' },
  );
  const collecting = start();
  for (let i = 0; i < 120; i++) expect(() => handler.run(i % 60)).toThrow('failed on purpose');
  const points = (await collecting.collect())
    .points<Histogram>(SERVER)
    .filter(
      ({ attributes }) =>
        attributes['error.type'] !== undefined && attributes['rpc.method'] === 'Types/run',
    );

  expect(points).toHaveLength(51);
  expect(points.reduce((sum, { value }) => sum + value.count, 0)).toBe(120);
  const other = points.find(({ attributes }) => attributes['error.type'] === '_OTHER');
  expect(other?.value.count).toBe(20);
});

test('a call that returned but counts as failed has the error type that failed names', async () => {
  const handler = instrumentHandler(
    { run: (code: string) => ({ code }) },
    {
      service: 'InBand',
      failed: ({ result }) => ((result as { code: string }).code === 'ok' ? false : 'NotFound'),
    },
  );
  const collecting = start();
  handler.run('ok');
  handler.run('missing');
  const collected = await collecting.collect();
  const method = { 'rpc.method': 'InBand/run' };

  expect(
    collected.point<Histogram>(SERVER, { ...method, 'error.type': 'NotFound' }).value.count,
  ).toBe(1);
  expect(
    collected
      .points<Histogram>(SERVER)
      .filter(({ attributes }) => attributes['rpc.method'] === method['rpc.method']),
  ).toHaveLength(2);
});

test('the durations of clients are the points that the SDK itself records around the same calls', async () => {
  const collecting = start();
  const histogram = collecting.provider.getMeter('sdk').createHistogram(CLIENT, {
    description: 'Measures the duration of an outgoing Remote Procedure Call (RPC).',
    unit: 's',
    advice: { explicitBucketBoundaries: BOUNDARIES },
  });
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name: 'library' });
  const errorTypes: Record<string, string> = { find: 'Missing', divide: 'TApplicationException' };
  for (const [method, ...args] of [
    ['twice', 1],
    ['twice', 2],
    ['find', 7],
    ['divide', 1, 0],
    ['twice', -1],
    ['find', 8],
    ['divide', 4, 2],
  ] as const) {
    const began = performance.now();
    let failed = false;
    try {
      // oxlint-disable-next-line no-await-in-loop -- calls follow one another
      await client[method]?.(...args);
    } catch {
      failed = true;
    }
    histogram.record((performance.now() - began) / 1000, {
      'rpc.system.name': 'apache_thrift',
      'rpc.method': `Library/${method}`,
      'thrift.client_name': 'library',
      ...(failed && { 'error.type': errorTypes[method] ?? 'Refused' }),
    });
  }
  const collected = await collecting.collect();
  const ours = pointsOf(collected, CLIENT, 'thrift-metrics');
  const sdk = pointsOf(collected, CLIENT, 'sdk');

  expect([...ours.keys()].toSorted()).toEqual([...sdk.keys()].toSorted());
  expect(ours.size).toBe(5);
  for (const [key, value] of ours) {
    const outside = sdk.get(key) as Histogram;
    expect(value.count, key).toBe(outside.count);
    expect(value.sum).toBeLessThanOrEqual(outside.sum as number);
    cumulative(value).forEach((count, i) =>
      expect(count, key).toBeGreaterThanOrEqual(cumulative(outside)[i] as number),
    );
  }
});

test('Prometheus makes the names of a scrape from those of all other built-in metrics', async () => {
  const collecting = start();
  const handler = instrumentHandler(new Answers() as never, { service: 'Library' });
  const { server, connect } = await startTcp(instrumentService(Library, {}), handler);
  instrumentServer(server as never);
  const client = instrumentClient(clientOf(connect(), Library), { name: 'library' });
  await client['twice']?.(1);
  const collected = await collecting.collect();
  const names = collected.metrics
    .filter(({ descriptor }) => descriptor.name.startsWith('thrift.'))
    .map((metric) => {
      const { name, unit } = metric.descriptor;
      const suffix = { s: '_seconds', By: '_bytes' }[unit] ?? '';
      const isCounter = metric.dataPointType === DataPointType.SUM && metric.isMonotonic;
      return `${name.replaceAll('.', '_')}${suffix}${isCounter ? '_total' : ''}`;
    });
  const { body } = await renderMetrics();
  const samples = new Set(
    parseText(body.toString()).map(({ name }) => name.replace(/_(?:bucket|sum|count)$/, '')),
  );
  const builtIn = Object.values(CATALOGUE)
    .map(({ name }) => name)
    .filter((name) => samples.has(name))
    .filter((name) => name !== CATALOGUE.timed.name && name !== CATALOGUE.clientLatency.name);

  expect(names.toSorted()).toEqual(builtIn.toSorted());
  expect(names.length).toBeGreaterThan(20);
  expect(collected.metric('thrift.server.request_size').descriptor.unit).toBe('By');
  expect(
    collected.point('thrift.server.messages', {
      'rpc.method': 'Library/twice',
      'thrift.message_type': 'call',
      'thrift.reply': 'reply',
    }).value,
  ).toBe(1);
});

test('a method that the service does not have is _OTHER, beside its service', async () => {
  const collecting = start();
  const { connect } = await startTcp(instrumentService(Shelf, {}), new Answers());
  const client = clientOf(connect(), Library);
  await expect(client['twice']?.(1)).rejects.toThrow();
  const points = (await collecting.collect())
    .points('thrift.server.messages')
    .filter(({ attributes, value }) => attributes['rpc.method'] === '_OTHER' && value > 0);

  expect(points.map(({ value, attributes }) => [value, attributes['thrift.service']])).toEqual([
    [1, 'Shelf'],
  ]);
});

test('custom metrics and labels keep their names beside the attributes of the conventions', async () => {
  class CustomHandler {
    @Timed({ name: 'custom_seconds', labels: { tier: 'gold' } }) run(): void {}
  }
  const collecting = start();
  new CustomHandler().run();
  const point = (await collecting.collect()).point<Histogram>('custom_seconds');

  expect(point.attributes).toEqual({
    'rpc.system.name': 'apache_thrift',
    'rpc.method': 'Custom/run',
    tier: 'gold',
  });
});
