import { Counter, Gauge, Registry } from 'prom-client';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { configureMetrics, instrumentHandler, renderMetrics } from '../../../src/index';
import { TimeBudget } from '../../../src/runtime/time-budget';
import type { Runtime } from '../../../src/runtime/runtime';
import { everyMetric } from '../../../src/scrape/metric-filter';
import { peerGroupOf } from '../../../src/scrape/workers/peer-group';
import { sumOverWorkers } from '../../../src/scrape/workers/sum-over-workers';
import { parseText } from '../../support/text-format';
import { createRuntime, SimulatedWorker } from './simulated-worker';

const REQUESTS = 'thrift_server_requests_total';

let runtime: Runtime;
let registry: Registry;
const onError = vi.fn<(error: unknown, site: string) => void>();
beforeEach(async () => {
  runtime = await createRuntime();
  registry = new Registry();
  onError.mockReset();
  configureMetrics({ registry, onError });
});

function callOwn(): void {
  instrumentHandler({ add: () => 1 }, { service: 'Shop' }).add();
}

const requestsOf = (value: number, labels: string) => ({
  name: REQUESTS,
  type: 'counter',
  help: 'x',
  aggregator: 'sum',
  points: [],
  series: [[labels, [value, null, 0]]],
});
const userMetric = (name: string, type: string, value: number) => ({
  name,
  help: 'x',
  type,
  aggregator: 'sum',
  values: [{ labels: {}, value }],
});

const SHOP_ADD = 'thrift_method="add",thrift_service="Shop"';

/** The samples of these metrics in a render, as `name{label="value"} value`, with the labels sorted. */
async function rendered(...names: string[]): Promise<string[]> {
  const text = (await renderMetrics({ names })).body.toString();
  return parseText(text).map(({ name, labels, value }) => {
    const pairs = [...labels].map(([label, text_]) => `${label}="${text_}"`).toSorted();
    return `${name}{${pairs.join(',')}} ${value}`;
  });
}

describe('the sum over workers', () => {
  it('the sum has the families of this process and of all workers', async () => {
    callOwn();
    new SimulatedWorker({ families: [requestsOf(2, SHOP_ADD)] });
    new SimulatedWorker({
      families: [requestsOf(4, SHOP_ADD), requestsOf(8, 'thrift_method="b"')],
    });
    expect(await rendered(REQUESTS)).toEqual([
      `${REQUESTS}{${SHOP_ADD}} 7`,
      `${REQUESTS}{thrift_method="b"} 8`,
    ]);
  });

  it("the sum has the user's metrics of this process and of all workers", async () => {
    new Counter({ name: 'own_total', help: 'x', registers: [registry] }).inc();
    const both = [userMetric('own_total', 'counter', 2), userMetric('theirs', 'gauge', 3)];
    new SimulatedWorker({ userMetrics: both });
    new SimulatedWorker({ userMetrics: both });
    expect(await rendered('own_total', 'theirs')).toEqual(['own_total{} 5', 'theirs{} 6']);
  });

  it('the sum has only the metrics that are wanted', async () => {
    callOwn();
    new Gauge({ name: 'own', help: 'x', registers: [registry] });
    new SimulatedWorker({
      families: [requestsOf(2, SHOP_ADD)],
      userMetrics: [userMetric('theirs', 'gauge', 3)],
    });
    expect(await rendered('theirs')).toEqual(['theirs{} 3']);
    expect(await rendered(REQUESTS)).toEqual([`${REQUESTS}{${SHOP_ADD}} 3`]);
  });

  it('the sum has the default labels that each process has itself', async () => {
    configureMetrics({ defaultLabels: { env: 'own' } });
    callOwn();
    new Gauge({ name: 'own', help: 'x', registers: [registry] }).set(1);
    new SimulatedWorker({
      families: [requestsOf(2, SHOP_ADD)],
      userMetrics: [userMetric('theirs', 'gauge', 3)],
    });
    expect(await rendered(REQUESTS, 'own', 'theirs')).toEqual([
      `${REQUESTS}{env="own",${SHOP_ADD}} 1`,
      `${REQUESTS}{${SHOP_ADD}} 2`,
      'own{env="own"} 1',
      'theirs{} 3',
    ]);
  });

  it('the sum has the names of built-in labels that this process has configured', async () => {
    configureMetrics({ labelNames: { thrift_service: 'service' } });
    new SimulatedWorker({ families: [requestsOf(2, SHOP_ADD)] });
    expect(await rendered(REQUESTS)).toEqual([`${REQUESTS}{service="Shop",thrift_method="add"} 2`]);
  });

  it('the sum of another process is the whole, because it includes the metrics of this one', async () => {
    callOwn();
    const report = {
      families: [JSON.stringify([requestsOf(5, SHOP_ADD)])],
      userMetrics: [JSON.stringify([userMetric('theirs', 'gauge', 3)])],
    };
    peerGroupOf(runtime).superior = {
      discover: async () => {},
      hasSum: () => true,
      collect: async () => [report],
      latest: () => [report],
      calls: async () => null,
      whileServing: () => {},
      claimServing: async () => {},
    };
    expect(await rendered(REQUESTS, 'theirs')).toEqual([
      `${REQUESTS}{${SHOP_ADD}} 5`,
      'theirs{} 3',
    ]);
  });

  it("the sum leaves out a user's metric of a worker that has the name of a family, and reports it", async () => {
    callOwn();
    new SimulatedWorker({ userMetrics: [userMetric(REQUESTS, 'counter', 40)] });
    expect(await rendered(REQUESTS)).toEqual([`${REQUESTS}{${SHOP_ADD}} 1`]);
    expect(onError).toHaveBeenCalledOnce();
  });

  it("the sum leaves out a user's metric of this process that takes longer than its deadline", async () => {
    const late = new Promise<void>(() => {});
    new Gauge({ name: 'late', help: 'x', registers: [registry], collect: () => late });
    new Gauge({ name: 'whole', help: 'x', registers: [registry] });
    new SimulatedWorker({ userMetrics: [userMetric('theirs', 'gauge', 3)] });
    const { userMetrics } = await sumOverWorkers(runtime, 10, everyMetric);
    expect(userMetrics.map(({ name }) => name)).toEqual(['whole', 'theirs']);
    expect(onError.mock.calls.map(([, site]) => site)).toEqual(['collect:late']);
  });

  it.each([
    ['families of this process', callOwn, {}],
    ['families of workers', () => {}, { families: [requestsOf(2, SHOP_ADD)] }],
    ["user's metrics of workers", () => {}, { userMetrics: [userMetric('theirs', 'gauge', 3)] }],
  ])(
    'the sum yields to the event loop after some %s, if the budget is spent',
    async (_what, run, report) => {
      run();
      new SimulatedWorker(report);
      const budget = new TimeBudget();
      vi.spyOn(budget, 'isSpent').mockReturnValue(true);
      const yields = vi.spyOn(budget, 'yield');
      await sumOverWorkers(runtime, 1000, everyMetric, budget);
      expect(yields).toHaveBeenCalled();
      yields.mockClear();
      vi.spyOn(budget, 'isSpent').mockReturnValue(false);
      await sumOverWorkers(runtime, 1000, everyMetric, budget);
      expect(yields).not.toHaveBeenCalled();
    },
  );
});
