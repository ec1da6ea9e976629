import { Gauge, Registry } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';

import { configureMetrics } from '../../src/index';
import type { Runtime } from '../../src/runtime/runtime';
import { requestedMetrics } from '../../src/scrape/requested-metrics';
import { createRuntime, SimulatedWorker } from './workers/simulated-worker';

const COUNTER = { type: 'counter', help: 'x', aggregator: 'sum', points: [], series: [] };
const GAUGE = { type: 'gauge', help: 'x', aggregator: 'sum', values: [] };

let runtime: Runtime;
beforeEach(async () => {
  runtime = await createRuntime();
  const registry = new Registry();
  configureMetrics({ registry });
  for (const name of ['own_b', 'own_a']) new Gauge({ name, help: 'x', registers: [registry] });
});

const requested = (...names: string[]) => requestedMetrics(runtime, names);

describe('without workers', () => {
  it('a request selects the metrics of its names', async () => {
    expect(await requested('own_b', 'unknown')).toEqual(['own_b']);
    expect(await requested('unknown')).toEqual([]);
  });

  it('a request for all metrics has no names', async () => {
    expect(await requested('own_b', 'own_a', 'unknown')).toBeUndefined();
  });
});

describe('with workers', () => {
  const createWorker = () =>
    new SimulatedWorker({
      families: [{ ...COUNTER, name: 'of_worker_total' }],
      userMetrics: [
        { ...GAUGE, name: 'own_a' },
        { ...GAUGE, name: 'user_of_worker' },
      ],
    });

  it('a request selects metrics of workers and of this process', async () => {
    createWorker();
    expect(await requested('user_of_worker', 'own_b', 'of_worker_total', 'unknown')).toEqual([
      'of_worker_total',
      'own_b',
      'user_of_worker',
    ]);
  });

  it('workers are asked again only for a name that none of them had', async () => {
    const worker = createWorker();
    await requested('of_worker_total');
    expect(worker.asked).toBe(1);
    expect(await requested('of_worker_total', 'own_b')).toEqual(['of_worker_total', 'own_b']);
    expect(worker.asked).toBe(1);
    expect(await requested('unknown', 'own_a')).toEqual(['own_a']);
    expect(worker.asked).toBe(2);
  });

  it('a request for all metrics has the name of each, once, because more may appear', async () => {
    createWorker();
    const all = ['of_worker_total', 'own_a', 'own_b', 'user_of_worker'];
    expect(await requested(...all.toReversed())).toEqual(all);
  });
});
