import { beforeEach, describe, expect, it, vi } from 'vitest';

import type { MetricValues, RegistryMetric } from '../../src/metrics/registry-metric';
import { collectMetric, readExemplar } from '../../src/scrape/user-metric';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

const VALUES: MetricValues = {
  name: 'own',
  help: 'x',
  type: 'gauge',
  aggregator: 'sum',
  values: [{ labels: {}, value: 3 }],
};

const report = vi.fn<(site: string, error: unknown) => void>();
beforeEach(() => report.mockClear());

/** Collects a metric, for which it waits 50 milliseconds. */
const collect = (get: () => unknown) =>
  collectMetric({ report }, { ...VALUES, get, reset: () => {} } as RegistryMetric, 50);

describe('collectMetric', () => {
  it.each([
    ['at once', () => VALUES],
    ['later', async () => VALUES],
  ])('a metric that has its values %s is collected', async (_when, get) => {
    expect(await collect(get)).toBe(VALUES);
    expect(report).not.toHaveBeenCalled();
  });

  it('a metric without a list of values has none', async () => {
    const none = { ...VALUES, values: undefined };
    expect(await collect(() => none)).toEqual({ ...VALUES, values: [] });
    expect(report).not.toHaveBeenCalled();
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['rejects', () => Promise.reject(new Error('broken'))],
  ])('a metric that %s is left out and reported', async (_how, get) => {
    expect(await collect(get)).toBeNull();
    expect(report.mock.calls).toEqual([['collect:own', new Error('broken')]]);
  });

  it('a metric that has nothing to return is left out and reported', async () => {
    expect(await collect(() => null)).toBeNull();
    expect(report.mock.calls).toEqual([['collect:own', expect.any(TypeError)]]);
  });

  it('a metric that takes too long is left out and reported, with its name and the time', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const collecting = collect(() => new Promise(() => {}));
    vi.advanceTimersByTime(50);
    expect(await collecting).toBeNull();
    vi.useRealTimers();
    expect(report.mock.calls).toEqual([
      ['collect:own', expect.objectContaining({ message: expect.stringMatching(/'own'.* 50 ms/) })],
    ]);
  });
});

describe('readExemplar', () => {
  const labelSet = { trace_id: 'abc', attempt: 2 };

  it('an exemplar of the client library is read, with its labels as text', () => {
    expect(readExemplar({ labelSet, value: 0.5, timestamp: 1700 })).toEqual({
      labels: { trace_id: 'abc', attempt: '2' },
      value: 0.5,
      timestamp: 1700,
    });
  });

  it.each([
    ['a null', null],
    ['nothing', undefined],
    ['an empty object', {}],
    ['an object without labels', { value: 0.5, timestamp: 1700 }],
    ['an object without a value', { labelSet, timestamp: 1700 }],
    ['an object whose value is null', { labelSet, value: null, timestamp: 1700 }],
    ['an object without a time', { labelSet, value: 0.5 }],
  ])('%s is not an exemplar', (_what, exemplar) => {
    expect(readExemplar(exemplar)).toBeNull();
  });
});
