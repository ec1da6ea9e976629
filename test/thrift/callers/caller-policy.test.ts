import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  instrumentService,
  type MetricRule,
} from '../../../src/index';
import { CATALOGUE } from '../../../src/metrics/catalogue';
import { currentRuntime } from '../../../src/runtime/runtime';
import { encodeCall, writeMap } from '../../support/encode-call';
import { thrift } from '../../support/start-thrift';
import { samplesOf, valueOf } from '../../support/value-of';
import { Answers, Library } from '../client/library';
import { serve } from '../service/serve';
import { BINARY_FRAMED } from '../service/wire';
import { callersOf } from './caller-counts';
import { encodeNamedCall } from './requests';

thrift.setLogFunc?.(() => {});

let registry: Registry;
beforeEach(() => {
  registry = new Registry();
  configureMetrics({ registry, onError: () => {} });
  currentRuntime().settings.callers = null;
});
afterEach(() => configureMetrics({ rules: [], labelNames: {}, enabled: true }));

let services = 0;

/** Starts a server of a service with a new name. Returns what calls it under a name, and the counts of its callers. */
async function start() {
  const service = `Ruled${++services}`;
  const handler = instrumentHandler(new Answers(), { service });
  const { connect } = await serve(instrumentService(Library, { service }), handler, BINARY_FRAMED);
  const client = await connect();
  let calls = 0;
  const send = async (request: Buffer): Promise<void> => {
    await client.deliver(request);
    await client.replies(++calls);
  };
  return {
    service,
    send,
    call: (name: string, argument = 21) =>
      send(encodeNamedCall(BINARY_FRAMED, `thrift.caller=${name}`, argument)),
    counts: () => callersOf(registry, service),
  };
}

const setRules = (...rules: MetricRule[]): void => configureMetrics({ rules });

test('a rule limits the callers that are told apart, of calls and of failed calls alike', async () => {
  const { call, counts, service } = await start();
  const metric = 'thrift_server_caller_*';
  // The callers of the other tests count against the limit, too.
  const others = currentRuntime().families.find(CATALOGUE.callerRequests)?.size ?? 0;
  setRules({ match: { metric }, maxSeries: others + 2 });
  for (const name of ['a', 'b', 'c', 'd', 'a']) await call(name, -1);
  expect(await counts()).toEqual({ a: [2, 2], b: [1, 1], _other: [2, 2] });
  expect(service).toBe('Ruled1');
});

test('a rule that drops the label sums over the callers', async () => {
  const { call, service } = await start();
  setRules({ match: { metric: 'thrift_server_caller_*' }, labels: { drop: ['thrift_caller'] } });
  for (const name of ['a', 'b']) await call(name, -1);
  for (const metric of ['requests', 'failed_requests']) {
    const found = await samplesOf(registry);
    const shown = found.filter(
      ({ name, labels }) =>
        name === `thrift_server_caller_${metric}_total` && labels['thrift_service'] === service,
    );
    expect(shown).toMatchObject([{ labels: { thrift_service: service }, value: 2 }]);
  }
});

test('a rule excludes the metrics of callers, of one service or both metrics alone', async () => {
  const { call, counts, service } = await start();
  await call('a');
  setRules({ match: { metric: 'thrift_server_caller_*', service }, exclude: true });
  await call('a');
  expect(await counts()).toEqual({});
  setRules({ match: { metric: 'thrift_server_caller_requests_total' }, exclude: true });
  await call('a', -1);
  // Shown again, a series starts at 0.
  expect(await counts()).toEqual({ a: [undefined, 1] });
});

test('failed calls of a caller count again after a rule that excluded their metric alone', async () => {
  const { call, counts } = await start();
  setRules({ match: { metric: 'thrift_server_caller_failed_requests_total' }, exclude: true });
  await call('a', -1);
  expect(await counts()).toEqual({ a: [1, undefined] });
  setRules();
  await call('a', -1);
  expect(await counts()).toEqual({ a: [2, 1] });
});

test('calls of a method that a rule excludes from all metrics do not count for their caller', async () => {
  const { call, send, counts } = await start();
  setRules({ match: { method: 'ping' }, exclude: true });
  await call('a');
  const ping = encodeCall(BINARY_FRAMED, 'ping', 0, (output) =>
    writeMap(output, 8888, [['baggage', 'thrift.caller=a']]),
  );
  await send(ping);
  expect(await counts()).toEqual({ a: [1, 0] });
});

test('the label of callers has the name that labelNames gives it', async () => {
  const { call, service } = await start();
  configureMetrics({ labelNames: { thrift_caller: 'caller', thrift_service: 'service' } });
  await call('a');
  expect(
    await valueOf(registry, 'thrift_server_caller_requests_total', { caller: 'a', service }),
  ).toBe(1);
});

test('with enabled: false, no caller is counted', async () => {
  const { call, counts } = await start();
  configureMetrics({ enabled: false });
  await call('a');
  expect(await counts()).toEqual({});
});
