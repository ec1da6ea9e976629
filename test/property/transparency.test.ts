import * as fc from 'fast-check';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { configureMetrics, instrument, resetMetrics } from '../../src/index';
import { anyDecoration, decoratedHandler, plainHandler, SERVICE, type Metric } from './decoration';
import { expectedCounts, hasOpenType, seriesKey, type Counts } from './model';
import { Run, turn, type Entry } from './run';
import { scenario } from './scenario';

const registry = new Registry();
const runnerListeners = process.listeners('unhandledRejection');

/** Whether the runtime reports that the rejection of a promise from `then` is handled late. Bun does not. */
let reportsLateHandlings = true;

beforeAll(async () => {
  configureMetrics({ registry, onError: () => {} });
  // Unhandled rejections are part of the comparison. The test runner would report them as failures.
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', () => {});
  reportsLateHandlings =
    (await lateHandlingsOf(Promise.reject(new Error('late')).finally(() => {}))) === 1;
});

afterAll(() => {
  process.removeAllListeners('unhandledRejection');
  for (const each of runnerListeners) process.on('unhandledRejection', each);
});

test('callers cannot tell a decorated handler from a plain one, and the counts match the contract', async () => {
  await fc.assert(
    fc.asyncProperty(scenario, anyDecoration, async (script, how) => {
      resetMetrics();
      const plain = new Run(script);
      await plain.play(plainHandler(plain.methods));
      const decorated = new Run(script);
      const { handler, receiver } = decoratedHandler(decorated.methods, how);
      await decorated.play(handler, receiver);

      expectSame(decorated, plain);
      const summed = hasOpenType(plain.made.values());
      const typeOf = (type: string) => (summed ? 'any' : type);
      expect(await counted(typeOf)).toEqual(expectedCounts(plain.made.values(), how, typeOf));
    }),
    { numRuns: 1000 },
  );
  // Takes seven seconds, and several times as long beside other programs.
}, 180_000);

function expectSame(decorated: Run, plain: Run) {
  expect([...decorated.made.keys()]).toEqual([...plain.made.keys()]);
  for (const [id, call] of plain.made) {
    const other = decorated.made.get(id);
    expectEntries(other?.seen ?? [], call.seen, `call ${id}`);
    expectEntries(other?.settled ?? [], call.settled, `promise of call ${id}`);
  }
  expectEntries(
    plain.unhandled.map((reason) => [times(decorated.unhandled, reason)]),
    plain.unhandled.map((reason) => [times(plain.unhandled, reason)]),
    'how often each unhandled rejection was reported',
  );
  expect(decorated.unhandled.length).toBe(plain.unhandled.length);
  if (reportsLateHandlings) expect(decorated.lateHandlings).toBe(plain.lateHandlings);
}

test('a rejection that is handled late is reported as handled late', async () => {
  const fail = instrument(() => Promise.reject(new Error('late')), {
    service: SERVICE,
    method: 'fail',
  });
  expect(await lateHandlingsOf(fail())).toBe(1);
});

/** How often the runtime reports that the rejection of a promise is handled late. */
async function lateHandlingsOf(promise: Promise<unknown>): Promise<number> {
  let count = 0;
  const add = () => void count++;
  process.on('rejectionHandled', add);
  await turn();
  await turn();
  promise.catch(() => {});
  await turn();
  await turn();
  process.off('rejectionHandled', add);
  return count;
}

// Compares identity, because a copy of an error is not the same error, and a deep comparison would trigger the traps.
function expectEntries(found: readonly Entry[], wanted: readonly Entry[], what: string) {
  const same =
    found.length === wanted.length &&
    wanted.every(
      (entry, index) =>
        entry.length === found[index]?.length &&
        entry.every((value, at) => Object.is(value, found[index]?.[at])),
    );
  if (!same) {
    throw new Error(`${what}: decorated ${fc.stringify(found)}, plain ${fc.stringify(wanted)}`);
  }
}

function times(reasons: readonly unknown[], wanted: unknown): number {
  return reasons.filter((reason) => Object.is(reason, wanted)).length;
}

const samples: Record<string, Metric> = {
  thrift_server_requests_total: 'counted',
  thrift_server_latency_seconds_count: 'timed',
  thrift_server_errors_total: 'errorsCounted',
  thrift_server_active_requests: 'inFlight',
};

/** All series of the service other than 0. */
async function counted(typeOf: (type: string) => string): Promise<Counts> {
  const counts: Counts = new Map();
  for (const { name, values } of await registry.getMetricsAsJSON()) {
    for (const sample of values as { labels: object; value: number; metricName?: string }[]) {
      const metric = samples[sample.metricName ?? name];
      const { thrift_service, ...labels } = sample.labels as Record<string, string>;
      if (metric === undefined || thrift_service !== SERVICE || sample.value === 0) continue;
      const type = labels['thrift_exception_type'];
      const key = seriesKey(metric, {
        ...labels,
        ...(type !== undefined && { thrift_exception_type: typeOf(type) }),
      });
      counts.set(key, (counts.get(key) ?? 0) + sample.value);
    }
  }
  return counts;
}
