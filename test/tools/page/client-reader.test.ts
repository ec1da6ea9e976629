import { Registry } from 'prom-client';
import { beforeEach, expect, it } from 'vitest';

import { configureMetrics } from '../../../src/index';
import { CATALOGUE, LABEL } from '../../../src/metrics/catalogue';
import { currentRuntime } from '../../../src/runtime/runtime';
import { History, MAX_CLIENTS } from '../../../src/tools/page/history';
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

function clients() {
  history.sample((time += 2000));
  history.close();
  return createOverview(runtime, history, createWindow(history.timeline, 60, null), 0).clients;
}

function labels(client: string, method = 'get') {
  return { [LABEL.service]: 'Stock', [LABEL.method]: method, [LABEL.clientName]: client };
}

it('a client has the calls, failures, latencies and calls in flight of all its methods', () => {
  for (const [method, calls] of [
    ['get', 16],
    ['put', 4],
  ] as const) {
    runtime.families.series(CATALOGUE.clientRequests, labels('pool', method)).cell.value += calls;
    runtime.families.series(CATALOGUE.clientActive, labels('pool', method)).cell.value = 1;
    const observed = { ...labels('pool', method), [LABEL.success]: 'true' };
    const latency = runtime.families.series(CATALOGUE.clientLatency, observed);
    for (let i = 0; i < calls; i++) latency.cell.observe(0.003);
  }
  const fail = (kind: string, type: string, count: number): void => {
    const failed = { ...labels('pool'), [LABEL.exceptionKind]: kind, [LABEL.exceptionType]: type };
    runtime.families.series(CATALOGUE.clientErrors, failed).cell.value += count;
  };
  fail('transport', 'ECONNRESET', 2);
  fail('timeout', 'TimeoutError', 1);
  fail('declared', 'OutOfStock', 5);
  const [client, ...others] = clients();
  expect(others).toEqual([]);
  expect(client).toMatchObject({
    service: 'Stock',
    method: 'pool',
    rate: 10,
    failedRatio: 0.4,
    badRatio: 0.15,
    inFlight: 2,
    budget: null,
    topError: 'ECONNRESET (transport)',
  });
  expect(client?.p99).toBeGreaterThan(0.0025);
  expect(client?.p99).toBeLessThanOrEqual(0.005);
});

it('clients beyond the limit are left out, and the overview has their number', () => {
  for (let i = 0; i < MAX_CLIENTS + 3; i++) {
    runtime.families.series(CATALOGUE.clientRequests, labels(`client${i}`)).cell.value++;
  }
  expect(clients()).toHaveLength(MAX_CLIENTS);
  expect(history.omittedClients).toBeGreaterThanOrEqual(3);
});
