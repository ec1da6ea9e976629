import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { configureMetrics, Instrumented, resetMetrics } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { History } from '../../../src/tools/page/history';
import { breakdownsIn } from '../../../src/tools/page/label-breakdown';
import type { MethodHistory } from '../../../src/tools/page/method-history';
import { methodKey } from '../../../src/tools/page/method-reader';
import { createWindow } from '../../../src/tools/page/timeline';
import { expireSeries } from '../../support/expire-series';

vi.mock('../../../src/metrics/clock', () => import('../../support/fakeable-clock.js'));

@Instrumented({
  service: 'Tenants',
  labels: { tenant: ({ args }) => String(args[0]), op: ({ args }) => String(args[1]) },
})
class Tenants {
  run(_tenant: string, _op: string, fails = false): void {
    if (fails) throw new RangeError('x');
  }
}

const { idleSeries } = currentRuntime();
const tenants = new Tenants();
let history: History;
let time = 0;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  configureMetrics({ registry: new Registry(), expireAfter: 3600 });
  resetMetrics();
  history = new History(currentRuntime(), 451, 0);
  history.sample((time = 0));
});
afterEach(() => {
  history.close();
  configureMetrics({ expireAfter: null });
  vi.useRealTimers();
});

/** Makes a call, and another one that fails. */
function call(tenant: string, op = 'read'): void {
  tenants.run(tenant, op);
  expect(() => tenants.run(tenant, op, true)).toThrow('x');
}

const methodHistory = (): MethodHistory =>
  history.methods.get(methodKey('Tenants', 'run')) as MethodHistory;

/** Everything that the page has counted. */
function totals() {
  const { requests, ok, failed, undeclared, bad, errors, buckets, times } = methodHistory();
  const window = createWindow(history.timeline, 600, null);
  return {
    counts: [requests, ok, failed, undeclared, bad].map(({ total }) => total),
    types: [...errors.values()].map(({ counts }) => counts.total),
    buckets: buckets.reduce((sum, { total }) => sum + total, 0),
    timed: times.handler.countIn(window),
  };
}

/** What {@link totals} has after so many calls of `call`. */
const expected = (calls: number) => ({
  counts: [2 * calls, calls, calls, calls, calls],
  types: [calls],
  buckets: 2 * calls,
  timed: 2 * calls,
});

test('the counts of the page go on as before when series expire', async () => {
  for (let i = 0; i < 30; i++) call(`t${i}`);
  history.sample((time += 2000));
  expect(totals()).toEqual(expected(30));
  let calls = 30;
  await expireSeries(() => {
    call('t0');
    calls++;
  });
  history.sample((time += 2000));
  expect(totals()).toEqual(expected(calls));
  history.sample((time += 2000));
  expect(totals()).toEqual(expected(calls));
  await expireSeries();
  call('t1');
  history.sample((time += 2000));
  expect(totals()).toEqual(expected(calls + 1));
});

test('the counts of label values go on as before when series expire, also those of values that share a row', async () => {
  for (let i = 0; i < 30; i++) for (let n = 0; n <= i; n++) call(`t${i}`, 'write');
  call('t0', 'read');
  history.sample((time += 2000));
  await expireSeries(() => call('t0', 'read'));
  // The tenant returns in the time between two samples.
  call('t29', 'write');
  history.sample((time += 2000));
  const window = createWindow(history.timeline, 2, null);
  const [op, tenant] = ['op', 'tenant'].map((label) =>
    breakdownsIn(methodHistory().labels, window)
      .find((each) => each.label === label)
      ?.values.map(({ value, rate }) => [value, rate]),
  );
  // Two calls each, in two seconds.
  expect(op).toEqual([
    ['read', 10],
    ['write', 1],
  ]);
  expect(tenant).toEqual([
    ['t0', 10],
    [null, 1],
  ]);
});

test('series that expire after the page has ended are not kept', async () => {
  history.close();
  expect(idleSeries.listeners.size).toBe(0);
});
