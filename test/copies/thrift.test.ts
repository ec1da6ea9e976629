import type { Server } from 'node:net';

import type { TClientConstructor } from 'thrift';
import { beforeEach, expect, test } from 'vitest';

import { thrift, startThrift } from '../support/start-thrift';
import { countsOf as clientCountsOf, SUCCEEDED } from '../thrift/client/client-counts';
import { loadEs6 } from '../thrift/generated';
import { connectionsOf } from '../thrift/server/connection-counts';
import { PING, framed, int32 } from '../thrift/server/messages';
import { counting, countsOf, protocolErrors } from '../thrift/service/message-counts';
import { multiplexing, serve, start } from '../thrift/service/serve';
import { BINARY_BUFFERED, BINARY_FRAMED, encode, REPLY, wireOptions } from '../thrift/service/wire';
import type { Client as LibraryClient } from '../thrift/gen-nodejs/Library.js';
import { loadPackages } from './packages';

const { first, second } = loadPackages('copies');
const { service } = loadEs6();
const Module = service as unknown as {
  readonly Processor: new (handler: object) => {
    process(input: { trans: object }, output: object): void;
  };
};

const handler = { ping: (done: (error: null) => void) => done(null), twice: (n: number) => 2 * n };

beforeEach(() => first.resetMetrics());

/** A message of a version that does not exist. */
const BAD_VERSION = Buffer.concat([Buffer.from([0x80, 2]), PING.subarray(2)]);

test.each([
  ['the first copy and its service by the second', first, second],
  ['the second copy and its service by the first', second, first],
])(
  'with a server instrumented by %s, a message with a bad version is counted once',
  async (_, a, b) => {
    const { server, connect, errors } = await serve(
      b.instrumentService(service),
      handler,
      BINARY_FRAMED,
    );
    a.instrumentServer(server);
    const client = await connect();
    await client.deliver(framed(BAD_VERSION));
    expect(errors).toHaveLength(1);
    expect(await protocolErrors()).toEqual({ bad_version: 1 });
  },
);

test('a message that is cut off is counted once when server and service are instrumented by different copies', async () => {
  const served = await serve(second.instrumentService(service), handler, BINARY_BUFFERED);
  first.instrumentServer(served.server);
  const client = await served.connect();
  await client.deliver(PING);
  expect(await client.replies(1)).toHaveLength(1);
  await client.deliver(Buffer.concat([PING, int32(0x80010001)]));
  client.socket.end();
  await client.closed();
  expect(await protocolErrors()).toEqual({ cut_off_struct: 1 });
  expect(await countsOf('ping')).toEqual(counting({ messages: { 'call reply': 2 }, active: 0 }));
});

test('server, service, handler and client that both copies instrument are measured once', async () => {
  const twice = <T extends object>(value: T, instrument: (copy: typeof first, value: T) => T): T =>
    instrument(second, instrument(first, value));
  const measured = twice(handler, (copy, value) =>
    copy.instrumentHandler({ ...value }, { service: 'Library' }),
  );
  const served = twice(service, (copy, value) => copy.instrumentService(value));
  const server = thrift.createServer(served, measured, wireOptions(BINARY_FRAMED)) as Server;
  twice(server, (copy, value) => copy.instrumentServer(value));
  const { connect } = await start(server, BINARY_FRAMED);
  const raw = await connect();
  const message = encode(BINARY_FRAMED, { name: 'ping', seqid: 1 });
  await raw.deliver(message);
  expect(await raw.replies(1)).toEqual([{ name: 'ping', type: REPLY, seqid: 1 }]);

  expect(await countsOf('ping')).toEqual(
    counting({
      messages: { 'call reply': 1 },
      requests: 1,
      responses: 1,
      requestSize: message.length - 4,
    }),
  );
  expect(await connectionsOf('tcp')).toMatchObject({ accepted: 1, received: message.length });
});

test('a client that both copies instrument is measured once', async () => {
  const { port, close } = await startThrift(service, handler);
  const connection = thrift.createConnection('127.0.0.1', port, {});
  const { Client } = service as unknown as { Client: TClientConstructor<LibraryClient> };
  const client = thrift.createClient(Client, connection);
  second.instrumentClient(first.instrumentClient(client, { name: 'both', connection }), {
    name: 'other',
    connection,
  });
  expect(await client.twice(21)).toBe(42);
  expect(await clientCountsOf('both', 'twice')).toEqual(SUCCEEDED);
  connection.end();
  await close();
});

test('a service that both copies instrument under different names is measured once under the outer name', async () => {
  const inner = first.instrumentService(service, { service: 'Inner' });
  const outer = second.instrumentService(inner, { service: 'Outer' });
  const { connect } = await serve(outer, handler, BINARY_FRAMED);
  const client = await connect();
  await client.deliver(framed(PING));
  expect(await client.replies(1)).toHaveLength(1);
  expect(await countsOf('ping', 'Outer')).toEqual(counting({ messages: { 'call reply': 1 } }));
  expect(await countsOf('ping', 'Inner')).toEqual(counting({ messages: {} }));
});

test('messages of one connection that processors of both copies read are each measured once', async () => {
  const one = new (first.instrumentService(Module, { service: 'One' }).Processor)(handler);
  const other = new (second.instrumentService(Module, { service: 'Other' }).Processor)(handler);
  const multiplexed = new multiplexing.MultiplexedProcessor() as InstanceType<
    typeof multiplexing.MultiplexedProcessor
  > & { process(input: object, output: object): void };
  multiplexed.registerProcessor('Other', other);
  // The first message goes to one processor, the next ones to the multiplexer, with the same protocol objects.
  let messages = 0;
  const dispatcher = {
    process: (input: { trans: object }, output: object) =>
      messages++ === 0 ? one.process(input, output) : multiplexed.process(input, output),
  };
  const server = multiplexing.createMultiplexServer(dispatcher, wireOptions(BINARY_BUFFERED));
  const { connect, errors } = await start(server, BINARY_BUFFERED);
  const client = await connect();
  const plain = encode(BINARY_BUFFERED, { name: 'ping', seqid: 1 });
  const named = encode(BINARY_BUFFERED, { name: 'Other:ping', seqid: 2 });
  await client.deliver(Buffer.concat([plain, named, named]));
  expect(errors).toEqual([]);
  expect(await client.replies(3)).toHaveLength(3);
  expect(await countsOf('ping', 'One')).toEqual(
    counting({
      messages: { 'call reply': 1 },
      requests: 1,
    }),
  );
  expect(await countsOf('ping', 'Other')).toEqual(
    counting({
      messages: { 'call reply': 2 },
      requests: 2,
      responses: 2,
    }),
  );
});
