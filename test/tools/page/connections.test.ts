import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { configureMetrics, resetMetrics } from '../../../src/index';
import { CATALOGUE } from '../../../src/metrics/catalogue';
import { CounterCell, GaugeCell } from '../../../src/metrics/cell';
import { currentRuntime } from '../../../src/runtime/runtime';
import { connectionsIn, protocolErrorsIn } from '../../../src/tools/page/connections';
import { History } from '../../../src/tools/page/history';
import { createWindow, type Window } from '../../../src/tools/page/timeline';

const WHERE = { location: 'test' };

let history: History;
let time = 0;
beforeEach(() => {
  configureMetrics({ registry: new Registry() });
  resetMetrics();
  history = new History(currentRuntime(), 451, 0);
  history.sample((time = 0));
});
afterEach(() => history.close());

type Key = 'connections' | 'connectionsClosed' | 'protocolErrors' | 'tlsHandshakeErrors';

function count(key: Key, labels: Record<string, string>, by: number): void {
  const family = currentRuntime().families.builtIn(CATALOGUE[key]);
  family.findOrCreate(labels, WHERE, () => new CounterCell()).cell.value += by;
}

function open(transport: string, number: number): void {
  const family = currentRuntime().families.builtIn(CATALOGUE.activeConnections);
  family.findOrCreate({ thrift_transport: transport }, WHERE, () => new GaugeCell()).cell.value =
    number;
}

const sample = (): void => history.sample((time += 2000));
const current = (): Window => createWindow(history.timeline, 60, null);
const connections = () => connectionsIn(history.connections, current());
const protocolErrors = () => protocolErrorsIn(history.connections, current(), (at) => at);

test('nothing is shown without servers, or before their first connection', () => {
  sample();
  expect([connections(), protocolErrors()]).toEqual([[], []]);
  count('connections', { thrift_transport: 'tcp' }, 0);
  count('protocolErrors', { thrift_reason: 'oversized' }, 0);
  open('tcp', 0);
  sample();
  expect([connections(), protocolErrors()]).toEqual([[], []]);
});

test('connections are shown by transport, with why they were closed in the window', () => {
  count('connections', { thrift_transport: 'tcp' }, 6);
  count('connections', { thrift_transport: 'websocket' }, 1);
  count('connectionsClosed', { thrift_transport: 'tcp', thrift_reason: 'client' }, 1);
  count('connectionsClosed', { thrift_transport: 'tcp', thrift_reason: 'error' }, 3);
  open('tcp', 2);
  open('websocket', 1);
  sample();
  expect(connections()).toEqual([
    {
      transport: 'tcp',
      open: 2,
      rate: 3,
      closed: [
        { reason: 'error', count: 3 },
        { reason: 'client', count: 1 },
      ],
    },
    { transport: 'websocket', open: 1, rate: 0.5, closed: [] },
  ]);
});

test('protocol errors are shown by reason from the first one on, those of the window first', () => {
  count('protocolErrors', { thrift_reason: 'oversized' }, 9);
  sample();
  for (let i = 0; i < 40; i++) sample();
  count('protocolErrors', { thrift_reason: 'bad_version' }, 2);
  count('tlsHandshakeErrors', {}, 1);
  sample();
  expect(protocolErrors()).toEqual([
    { reason: 'bad_version', count: 2, rate: 2 / 60, sinceStart: 2, lastSeen: time },
    { reason: 'TLS handshake failed', count: 1, rate: 1 / 60, sinceStart: 1, lastSeen: time },
    { reason: 'oversized', count: 0, rate: 0, sinceStart: 9, lastSeen: 2000 },
  ]);
});

test('what was counted before the recording began is not shown', () => {
  count('connections', { thrift_transport: 'tcp' }, 6);
  count('protocolErrors', { thrift_reason: 'oversized' }, 9);
  history.close();
  history = new History(currentRuntime(), 451, 0);
  history.sample((time = 0));
  sample();
  expect([connections(), protocolErrors()]).toEqual([[], []]);
});

test('the number of recorded reasons is bounded', () => {
  for (let i = 0; i < 200; i++) count('protocolErrors', { thrift_reason: `r${i}` }, 1);
  sample();
  expect(protocolErrors().length).toBeLessThanOrEqual(30);
});
