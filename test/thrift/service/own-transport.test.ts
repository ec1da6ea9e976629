import { beforeEach, expect, test } from 'vitest';

import { configureMetrics, instrumentService, resetMetrics } from '../../../src/index';
import { thrift } from '../../support/start-thrift';
import { loadEs6 } from '../generated';
import { countsOf } from './message-counts';
import { start } from './serve';
import { BINARY_BUFFERED, encode, wireOptions } from './wire';

type Buffered = InstanceType<typeof thrift.TBufferedTransport>;
type Receive = (transport: unknown, seqid: number) => void;

/** Methods that Thrift's protocols and processors call. */
const METHODS = [
  'borrow',
  'commitPosition',
  'consume',
  'flush',
  'read',
  'readAll',
  'readByte',
  'readDouble',
  'readI16',
  'readI32',
  'readString',
  'rollbackPosition',
  'setCurrSeqId',
  'write',
] as const;

/** A transport of the program, whose position is hidden. */
function ownTransport(inner: Buffered): object {
  return Object.fromEntries(
    METHODS.map((name) => [
      name,
      (...args: unknown[]) => Reflect.apply(Reflect.get(inner, name) as () => unknown, inner, args),
    ]),
  );
}

type OnFlush = ConstructorParameters<typeof thrift.TBufferedTransport>[1];

/** A kind of transport, whose objects wrap those of Thrift. The second function wraps those that replies are written to. */
const transportOf = (wrap: typeof ownTransport, wrapOutput = wrap) =>
  Object.assign(
    function (_buffer: unknown, onFlush: OnFlush) {
      return wrapOutput(new thrift.TBufferedTransport(undefined, onFlush));
    },
    {
      receiver: (receive: Receive, seqid: number) =>
        thrift.TBufferedTransport.receiver(
          (inner: Buffered, id: number) => receive(wrap(inner), id),
          seqid,
        ),
    },
  );

/** Serves a method `ping` through this kind of transport, and connects to it. */
async function servePing(transport: ReturnType<typeof transportOf>) {
  const { service } = loadEs6();
  const handler = { ping: (answer: (error: null) => void) => answer(null) };
  const server = thrift.createServer(instrumentService(service), handler, {
    ...wireOptions(BINARY_BUFFERED),
    transport: transport as never,
  });
  const { connect, errors } = await start(server, BINARY_BUFFERED);
  return { client: await connect(), errors };
}

beforeEach(resetMetrics);

test('over a transport that hides its position, messages are counted and sizes are left out', async () => {
  const { client } = await servePing(transportOf(ownTransport));

  await client.deliver(encode(BINARY_BUFFERED, { name: 'ping' }));
  await client.replies(1);

  expect(await countsOf('ping')).toMatchObject({
    messages: { 'call reply': 1 },
    requests: 0,
    requestSize: 0,
    responses: 0,
    responseSize: 0,
  });
});

test('over a transport that fails when its position is read, calls are answered, and the fault is reported', async () => {
  const reports: unknown[] = [];
  configureMetrics({ onError: (_error, site) => reports.push(site) });
  const failing = (inner: Buffered): object =>
    Object.defineProperty(ownTransport(inner), 'outCount', {
      get: () => {
        throw new Error('no position');
      },
    });
  const { client, errors } = await servePing(transportOf(ownTransport, failing));

  await client.deliver(encode(BINARY_BUFFERED, { name: 'ping' }));

  expect(await client.replies(1)).toMatchObject([{ name: 'ping' }]);
  expect(reports).toEqual(['processor:reply']);
  expect(errors).toEqual([]);
  expect(await countsOf('ping')).toMatchObject({ messages: { 'call reply': 1 }, active: 0 });
});

test('over a transport that fails when its headers are read, messages are counted, and the fault is reported', async () => {
  const reports: unknown[] = [];
  configureMetrics({ onError: (_error, site) => reports.push(site) });
  const failing = (inner: Buffered): object => ({
    ...ownTransport(inner),
    getReadHeaders: () => {
      throw new Error('no headers');
    },
  });
  const { client, errors } = await servePing(transportOf(failing));

  await client.deliver(encode(BINARY_BUFFERED, { name: 'ping' }));

  expect(await client.replies(1)).toMatchObject([{ name: 'ping' }]);
  expect(reports).toEqual(['processor:request']);
  expect(errors).toEqual([]);
  expect(await countsOf('ping')).toMatchObject({ messages: { 'call reply': 1 }, active: 0 });
});

test('over a transport that fails to send, the reply is lost and the error reaches the server as without metrics', async () => {
  const failure = new Error('cannot send');
  const failing = (inner: Buffered): object => ({
    ...ownTransport(inner),
    flush: () => {
      throw failure;
    },
  });
  const { client, errors } = await servePing(transportOf(ownTransport, failing));

  await client.deliver(encode(BINARY_BUFFERED, { name: 'ping' }));
  await client.closed();

  expect(errors).toEqual([failure]);
  expect(await countsOf('ping')).toMatchObject({
    messages: { 'call none': 1 },
    active: 0,
    lost: { disconnected: 1 },
  });
});

test('a protocol without a transport is served as without metrics', () => {
  const { service } = loadEs6();
  const { Processor } = instrumentService(service) as unknown as {
    Processor: new (handler: object) => { process(input: object, output: object): void };
  };
  const processor = new Processor({ ping: (answer: (error: null) => void) => answer(null) });
  configureMetrics({ onError: () => {} });
  const written: string[] = [];
  const ignore = (): void => {};
  const input = {
    readMessageBegin: () => ({ fname: 'ping', mtype: 1, rseqid: 1 }),
    readMessageEnd: ignore,
    readStructBegin: ignore,
    readStructEnd: ignore,
    readFieldBegin: () => ({ ftype: thrift.Thrift.Type.STOP, fid: 0 }),
    readFieldEnd: ignore,
    incrementRecursionDepth: ignore,
    decrementRecursionDepth: ignore,
  };
  const output = {
    writeMessageBegin: (name: string) => written.push(name),
    writeMessageEnd: ignore,
    writeStructBegin: ignore,
    writeStructEnd: ignore,
    writeFieldStop: ignore,
    flush: () => written.push('flush'),
    incrementRecursionDepth: ignore,
    decrementRecursionDepth: ignore,
  };
  processor.process(input, output);
  processor.process(input, output);
  expect(written).toEqual(['ping', 'flush', 'ping', 'flush']);
});
