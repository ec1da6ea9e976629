import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { configureMetrics, instrumentHandler, instrumentService } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import { expireSeries } from '../../support/expire-series';
import { thrift } from '../../support/start-thrift';
import { type Answer, Answers, Library } from '../client/library';
import { serve } from '../service/serve';
import { BINARY_FRAMED } from '../service/wire';
import { callersOf } from './caller-counts';
import { encodeNamedCall } from './requests';

vi.mock('../../../src/metrics/clock', () => import('../../support/fakeable-clock.js'));
thrift.setLogFunc?.(() => {});

let registry: Registry;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  registry = new Registry();
  // The test sweeps by itself, because sockets need real timers.
  configureMetrics({ registry, expireAfter: 3600, onError: () => {} });
  currentRuntime().settings.callers = null;
});
afterEach(() => {
  configureMetrics({ expireAfter: null });
  vi.useRealTimers();
});

test('callers leave and return, and a call that lasts longer counts as failed at its end', async () => {
  const service = 'ExpiringCallers';
  const held: Answer[] = [];
  class Held extends Answers {
    override twice(number: number, answer: Answer): void {
      if (number === 0) held.push(answer);
      else super.twice(number, answer);
    }
  }
  const handler = instrumentHandler(new Held(), { service });
  const { connect } = await serve(instrumentService(Library, { service }), handler, BINARY_FRAMED);
  const client = await connect();
  const send = (argument: number): Promise<void> =>
    client.deliver(encodeNamedCall(BINARY_FRAMED, 'thrift.caller=checkout', argument));
  await send(1);
  await send(-1);
  await client.replies(2);
  expect(await callersOf(registry, service)).toEqual({ checkout: [2, 1] });
  await send(0);
  await send(0);
  await vi.waitFor(() => expect(held).toHaveLength(2));
  await expireSeries();
  expect(await callersOf(registry, service)).toEqual({});
  held[0]?.(new Error('x'));
  await client.replies(3);
  expect(await callersOf(registry, service)).toEqual({ checkout: [undefined, 1] });
  await send(1);
  await client.replies(4);
  expect(await callersOf(registry, service)).toEqual({ checkout: [1, 1] });
  await expireSeries();
  held[1]?.(new Error('x'));
  await client.replies(5);
  expect(await callersOf(registry, service)).toEqual({ checkout: [undefined, 1] });
});
