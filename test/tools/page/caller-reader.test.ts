import { Registry } from 'prom-client';
import { beforeEach, expect, it } from 'vitest';

import { configureMetrics } from '../../../src/index';
import { CATALOGUE, LABEL } from '../../../src/metrics/catalogue';
import { currentRuntime } from '../../../src/runtime/runtime';
import { History, MAX_CALLERS } from '../../../src/tools/page/history';
import { createOverview } from '../../../src/tools/page/overview';
import { createWindow } from '../../../src/tools/page/timeline';

const runtime = currentRuntime();
let history: History;
let time = 0;

beforeEach(() => {
  configureMetrics({ registry: new Registry() });
  time = 0;
  history = new History(runtime, 451, time);
  history.sample(time);
});

function overview() {
  history.sample((time += 2000));
  history.close();
  return createOverview(runtime, history, createWindow(history.timeline, 60, null), 0);
}

function count(entry: 'callerRequests' | 'callerFailedRequests', caller: string, calls: number) {
  const labels = { [LABEL.service]: 'Stock', [LABEL.caller]: caller };
  runtime.families.series(CATALOGUE[entry], labels).cell.value += calls;
}

it('a caller has its calls per second and the fraction of them that failed', () => {
  count('callerRequests', 'checkout', 20);
  count('callerFailedRequests', 'checkout', 5);
  // Its handler is not measured.
  count('callerRequests', 'search', 4);
  const { callers, omittedCallers } = overview();
  expect(omittedCallers).toBe(0);
  expect(callers).toEqual([
    {
      service: 'Stock',
      caller: 'checkout',
      rate: 10,
      failedRatio: 0.25,
      rates: [10],
      failedRatios: [0.25],
    },
    {
      service: 'Stock',
      caller: 'search',
      rate: 2,
      failedRatio: null,
      rates: [2],
      failedRatios: [null],
    },
  ]);
});

it('callers are read under a prefix', () => {
  configureMetrics({ prefix: 'shop_' });
  count('callerRequests', 'prefixed', 2);
  const found = overview().callers.find(({ caller }) => caller === 'prefixed');
  configureMetrics({ prefix: '' });
  expect(found?.rate).toBe(1);
});

it('callers beyond the limit are left out, and the overview has their number', () => {
  for (let i = 0; i < MAX_CALLERS + 3; i++) count('callerRequests', `caller${i}`, 1);
  const { callers, omittedCallers } = overview();
  expect(callers).toHaveLength(MAX_CALLERS);
  expect(omittedCallers).toBeGreaterThanOrEqual(3);
});
