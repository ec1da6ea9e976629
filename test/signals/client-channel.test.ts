import { AsyncLocalStorage } from 'node:async_hooks';
import { channel } from 'node:diagnostics_channel';

import { describe, expect, onTestFinished, test } from 'vitest';

import { configureMetrics, instrumentClient } from '../../src/index';
import { thrift } from '../support/start-thrift';
import { Answers, Library, loadEs5 } from '../thrift/client/library';
import { clientOf, HOST, STARTS, startTcp } from '../thrift/client/transports';
import { loseCall } from './lost-call';
import { published } from './published';

thrift.setLogFunc?.(() => {});

const sequence = (method: string, ...events: string[]): string[] =>
  events.map((event) => `${event} ${method}`);

describe.each(STARTS)('over %s', (_, start) => {
  test('every end of a call is published', async () => {
    const { connect } = await start(Library, new Answers());
    const client = instrumentClient(clientOf(connect(), Library), { name: 'reader' });
    const calls = published('client');
    expect(await client['twice']?.(21)).toBe(42);
    await expect(client['twice']?.(-1)).rejects.toMatchObject({ why: 'negative' });
    await expect(client['divide']?.(1, 0)).rejects.toMatchObject({ message: 'by zero' });
    await client['note']?.('text');
    const failed = ['start', 'end', 'error', 'asyncStart', 'asyncEnd'];
    expect(calls.events).toEqual([
      ...sequence('twice', 'start', 'end', 'asyncStart', 'asyncEnd'),
      ...sequence('twice', ...failed),
      ...sequence('divide', ...failed),
      ...sequence('note', 'start', 'end'),
    ]);
    const [twice, refused, divide, note] = calls.messages;
    expect(twice).toMatchObject({
      version: 1,
      kind: 'client',
      service: 'Library',
      method: 'twice',
      clientName: 'reader',
      isOneway: false,
      args: [21],
      result: 42,
      outcome: 'success',
      duration: expect.any(Number) as number,
      requestSize: expect.any(Number) as number,
      responseSize: expect.any(Number) as number,
    });
    expect(refused).toMatchObject({ outcome: 'declared', errorType: 'Refused' });
    expect(divide).toMatchObject({ outcome: 'application', errorType: 'TApplicationException' });
    expect(note).toMatchObject({ outcome: 'success', isOneway: true, responseSize: undefined });
  });
});

test.each([
  // Size of what is written: with the 4 bytes of the frame.
  ['TFramedTransport', 29],
  ['TBufferedTransport', 25],
] as const)(
  'over %s, the message has the address of the server, and the size of what is written and read',
  async (transport, requestSize) => {
    const options = { transport: thrift[transport], protocol: thrift.TBinaryProtocol };
    const { connect, port } = await startTcp(Library, new Answers(), options);
    const client = instrumentClient(clientOf(connect(), Library));
    const calls = published('client');
    await client['twice']?.(21);
    await client['twice']?.(21);
    const message = {
      server: { address: HOST, port },
      peer: { address: HOST, port },
      requestSize,
      responseSize: 25,
    };
    expect(calls.messages).toMatchObject([message, message]);
  },
);

test('a call that loses its connection is published as failed', async () => {
  const calls = await loseCall();
  expect(calls.events).toEqual(
    sequence('clear', 'start', 'end', 'error', 'asyncStart', 'asyncEnd'),
  );
  expect(calls.messages[0]).toMatchObject({ outcome: 'transport' });
});

test('the callback of a client runs between asyncStart and asyncEnd', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), loadEs5()));
  const calls = published('client');
  const seen = await new Promise((resolve) => {
    client['twice']?.(2, (error: unknown, result: unknown) =>
      resolve([error, result, ...calls.events]),
    );
  });
  expect(seen).toEqual([null, 4, ...sequence('twice', 'start', 'end', 'asyncStart')]);
  expect(calls.messages[0]?.args).toEqual([2]);
});

test('the request is written in a store that is bound to start', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const connection = connect();
  const storage = new AsyncLocalStorage<string>();
  const start = channel('tracing:thrift.client.call:start');
  start.bindStore(storage, () => 'call');
  onTestFinished(() => void start.unbindStore(storage));
  const write = connection.write.bind(connection);
  const seen: unknown[] = [];
  connection.write = (data) => {
    seen.push(storage.getStore());
    write(data);
  };
  const client = instrumentClient(clientOf(connection, Library));
  expect(await client['twice']?.(3)).toBe(6);
  // The request waits for the connection, which writes it once more.
  expect(seen[0]).toBe('call');
});

test('nothing is published while metrics are disabled', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library));
  const calls = published('client');
  configureMetrics({ enabled: false });
  onTestFinished(() => configureMetrics({ enabled: true }));
  expect(await client['twice']?.(3)).toBe(6);
  expect(calls.events).toEqual([]);
});
