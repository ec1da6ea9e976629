import { channel } from 'node:diagnostics_channel';

import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import {
  configureMetrics,
  instrumentClient,
  resetMetrics,
  type ThriftCallMessage,
} from '../../../src/index';
import { published } from '../../signals/published';
import { countsOf, SUCCEEDED } from './client-counts';
import { type Answer, Answers, Library } from './library';
import { Loopback } from './loopback';
import { clientOf, HOST, startHttp, startTcp } from './transports';

const onError = vi.fn<(error: unknown, site: string) => void>();
beforeEach(() => {
  // A fault of each site is reported once.
  resetMetrics();
  onError.mockClear();
  configureMetrics({ onError });
});

/** A copy of the messages of all calls, as they are when the calls start. */
function startsOfCalls(): Partial<ThriftCallMessage>[] {
  const starts: Partial<ThriftCallMessage>[] = [];
  const start = channel('tracing:thrift.client.call:start');
  const note = (message: unknown): void => void starts.push({ ...(message as ThriftCallMessage) });
  start.subscribe(note);
  onTestFinished(() => {
    start.unsubscribe(note);
  });
  return starts;
}

test('the message of a call has the address of a connection that is known before the call', () => {
  const connection = Object.assign(new Loopback(Library), { host: 'example.org', port: '9090' });
  const client = instrumentClient(clientOf(connection, Library), { name: 'known', connection });
  const starts = startsOfCalls();
  void client['twice']?.(21);
  expect(starts).toEqual([
    expect.objectContaining({
      service: 'Library',
      method: 'twice',
      clientName: 'known',
      isOneway: false,
      args: [21],
      server: { address: 'example.org', port: 9090 },
      peer: undefined,
      outcome: undefined,
    }),
  ]);
});

test('the message of a first call gets the address once the call has revealed its connection', async () => {
  const { connect, port } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library));
  const starts = startsOfCalls();
  const calls = published('client');
  expect(await client['twice']?.(21)).toBe(42);
  expect(starts[0]).toMatchObject({ server: undefined, peer: undefined });
  const address = { address: HOST, port };
  expect(calls.messages[0]).toMatchObject({ server: address, peer: address });
  expect(onError).not.toHaveBeenCalled();
});

test('the message of a call over HTTP has the address that the request is made to', async () => {
  const { connect, port } = await startHttp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library));
  const calls = published('client');
  expect(await client['twice']?.(21)).toBe(42);
  expect(calls.messages[0]).toMatchObject({ server: { address: HOST, port }, peer: undefined });
});

test('the message of a call that ends has the bytes of its request and its reply', async () => {
  const connection = new Loopback(Library);
  const replies = vi.spyOn(connection, 'deliver');
  const client = instrumentClient(clientOf(connection, Library), { connection });
  const calls = published('client');
  expect(await client['twice']?.(21)).toBe(42);
  expect(calls.messages[0]).toMatchObject({
    requestSize: connection.written[0]?.length,
    responseSize: replies.mock.calls[0]?.[0].length,
  });
});

test('the message of a call without a reply has no size of a reply', () => {
  const connection = new Loopback(Library);
  const client = instrumentClient(clientOf(connection, Library), { connection });
  const calls = published('client');
  void client['clamp']?.(1, 2, 3);
  connection.emit('close');
  expect(calls.messages[0]).toMatchObject({
    outcome: 'transport',
    requestSize: connection.written[0]?.length,
    responseSize: undefined,
  });
  expect(onError).not.toHaveBeenCalled();
});

test('the message of a call has no size of a reply that a callback of the program passes on', async () => {
  const connection = new Loopback(Library);
  const client = instrumentClient(clientOf(connection, Library), { connection });
  const calls = published('client');
  const call = client['clamp']?.(1, 2, 3) as Promise<number>;
  const { _reqs: callbacks } = client as unknown as { _reqs: Record<number, Answer> };
  const callback = callbacks[1] as Answer;
  callbacks[1] = (error, result) => callback(error, result);
  connection.handler.held[0]?.(null, 2);
  expect(await call).toBe(2);
  expect(calls.messages[0]).toMatchObject({ outcome: 'success', responseSize: undefined });
  expect(onError).not.toHaveBeenCalled();
});

test('the message of a call has no size of a reply whose transport does not count bytes', async () => {
  const connection = new Loopback(Library);
  const client = instrumentClient(clientOf(connection, Library), { connection });
  const receive = client['recv_twice'] as (input: object, ...rest: unknown[]) => unknown;
  client['recv_twice'] = function (input: object, ...rest: unknown[]) {
    const uncounted = new Proxy(input, {
      get: (target, key) => {
        if (key === 'trans') return {};
        const value: unknown = Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    return receive.call(this, uncounted, ...rest);
  };
  const calls = published('client');
  expect(await client['twice']?.(21)).toBe(42);
  expect(calls.messages[0]).toMatchObject({ outcome: 'success', responseSize: undefined });
});

test('a call over a connection whose fields cannot be read is published and measured, and ends', async () => {
  const fault = new Error('unreadable');
  const connection = Object.defineProperty(new Loopback(Library), 'host', {
    get: () => {
      throw fault;
    },
  });
  const name = 'unreadable fields';
  const client = instrumentClient(clientOf(connection, Library), { name, connection });
  const calls = published('client');
  expect(await client['twice']?.(21)).toBe(42);
  expect(onError.mock.calls).toContainEqual([fault, 'client connection']);
  expect(calls.messages[0]).toMatchObject({ outcome: 'success', result: 42, server: undefined });
  expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);
});
