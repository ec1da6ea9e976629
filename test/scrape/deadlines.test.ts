import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { TIME_BUDGET } from '../../src/runtime/time-budget';
import {
  ALL_CALLS_DEADLINE,
  CALLS_DEADLINE,
  LATE,
  LIMITS,
  LONGEST_SCRAPE_TIMEOUT,
  METRIC_DEADLINE,
  METRIC_SHARE,
  PAGE_METRIC_DEADLINE,
  SUM_DEADLINE,
  within,
  WORKER_CALLS_DEADLINE,
  WORKER_CHUNK_DEADLINE,
  WORKER_METRIC_DEADLINE,
  WORKERS_DEADLINE,
} from '../../src/scrape/deadlines';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

/** Prometheus's defaults, in milliseconds. https://prometheus.io/docs/prometheus/latest/configuration/configuration/ */
const PROMETHEUS_SCRAPE_TIMEOUT = 10_000;
const PROMETHEUS_SCRAPE_INTERVAL = 60_000;

describe('the time limits of a scrape', () => {
  it.each<[string, readonly number[]]>([
    [
      'a worker waits for its metrics for less time than the process that waits for the worker',
      [TIME_BUDGET, WORKER_METRIC_DEADLINE, WORKER_CHUNK_DEADLINE, WORKERS_DEADLINE],
    ],
    [
      'two rounds of reports are given up while a scrape with the default timeout can still be answered',
      [2 * WORKERS_DEADLINE, SUM_DEADLINE, METRIC_DEADLINE],
    ],
    [
      'a worker waits for the calls of its threads for less time than the process that waits for the worker',
      [WORKER_CALLS_DEADLINE, CALLS_DEADLINE, ALL_CALLS_DEADLINE],
    ],
    [
      'the server disconnects an idle reader only after the longest scrape timeout',
      [PROMETHEUS_SCRAPE_TIMEOUT, LONGEST_SCRAPE_TIMEOUT, LIMITS.idleTimeout],
    ],
    [
      'a reader that reads nothing is disconnected before one that reads slowly',
      [LIMITS.idleTimeout, LIMITS.responseTimeout],
    ],
    [
      'the connection of a scraper stays open between two scrapes',
      [PROMETHEUS_SCRAPE_INTERVAL, LIMITS.keepAliveTimeout],
    ],
    [
      'incomplete requests are looked for more often than they are refused',
      [LIMITS.connectionsCheckingInterval, LIMITS.headersTimeout],
    ],
    [
      'the live page waits for a metric for less time than for the workers',
      [PAGE_METRIC_DEADLINE, WORKERS_DEADLINE],
    ],
  ])('%s', (_rule, limits) => {
    for (const [i, limit] of limits.slice(1).entries())
      expect(limit).toBeGreaterThan(limits[i] as number);
  });

  it("a user's metric may take as long as Prometheus waits by default", () => {
    expect(METRIC_DEADLINE).toBeLessThanOrEqual(PROMETHEUS_SCRAPE_TIMEOUT);
  });

  it("a user's metric may take most of the scraper's timeout, but not all of it", () => {
    expect(METRIC_SHARE).toBeGreaterThan(0.5);
    expect(METRIC_SHARE).toBeLessThan(1);
  });

  it('the headers of a request are due no later than the whole request', () => {
    expect(LIMITS.headersTimeout).toBeLessThanOrEqual(LIMITS.requestTimeout);
  });
});

describe('within', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  });
  afterEach(() => {
    // A timer that is left would keep the process alive.
    expect(vi.getTimerCount()).toBe(0);
    vi.useRealTimers();
  });

  it('within resolves to the value of the promise', async () => {
    expect(await within(Promise.resolve('value'), 100)).toBe('value');
  });

  it('within resolves to a value that is not a promise', async () => {
    expect(await within('value', 100)).toBe('value');
  });

  it('within rejects with the error of the promise', async () => {
    const error = new Error('failed');
    await expect(within(Promise.reject(error), 100)).rejects.toBe(error);
  });

  it('within resolves to LATE when the time is over, and not before', async () => {
    const settled = vi.fn<() => void>();
    const racing = within(new Promise(() => {}), 100).finally(settled);
    await vi.advanceTimersByTimeAsync(99);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await racing).toBe(LATE);
  });

  it('within handles a rejection that comes after the time is over', async () => {
    const rejections = await unhandledRejectionsOf(async () => {
      let reject: (error: Error) => void = () => {};
      const promise = new Promise((_resolve, fail) => {
        reject = fail;
      });
      const racing = within(promise, 100);
      await vi.advanceTimersByTimeAsync(100);
      expect(await racing).toBe(LATE);
      reject(new Error('too late'));
    });
    expect(rejections).toEqual([]);
  });

  it.each([
    ['by default', undefined, 1],
    ['if asked to', true, 1],
    ['not if asked not to', false, 0],
  ])('within keeps the process alive %s', async (_when, keepAlive, timers) => {
    vi.useRealTimers();
    const timeouts = () => process.getActiveResourcesInfo().filter((type) => type === 'Timeout');
    const before = timeouts().length;
    let end: () => void = () => {};
    const racing = within(new Promise<void>((resolve) => (end = resolve)), 60_000, keepAlive);
    expect(timeouts().length - before).toBe(timers);
    end();
    await racing;
    vi.useFakeTimers();
  });
});
