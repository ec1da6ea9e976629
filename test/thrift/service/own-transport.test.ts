import { register } from 'prom-client';
import { beforeEach, expect, test } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  instrumentService,
  resetMetrics,
} from '../../../src/index';
import { published } from '../../signals/published';
import { thrift } from '../../support/start-thrift';
import { callersOf } from '../callers/caller-counts';
import { encodeNamedCall } from '../callers/requests';
import { loadEs6 } from '../generated';
import { counting, countsOf, protocolErrors } from './message-counts';
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

const pinging = { ping: (answer: (error: null) => void) => answer(null) };

/** Serves a handler through this kind of transport, and connects to it. */
async function serveOver(transport: ReturnType<typeof transportOf>, handler: object = pinging) {
  const { service } = loadEs6();
  const server = thrift.createServer(instrumentService(service), handler, {
    ...wireOptions(BINARY_BUFFERED),
    transport: transport as never,
  });
  const { connect, errors } = await start(server, BINARY_BUFFERED);
  return { client: await connect(), errors };
}

beforeEach(() => {
  resetMetrics();
  configureMetrics({ onError: () => {} });
});

test('over a transport that hides its position, messages are counted and sizes are left out', async () => {
  const { client } = await serveOver(transportOf(ownTransport));

  await client.deliver(encode(BINARY_BUFFERED, { name: 'ping' }));
  await client.replies(1);

  expect(await countsOf('ping')).toEqual(
    counting({
      messages: { 'call reply': 1 },
      requests: 0,
      requestSize: 0,
      responses: 0,
      responseSize: 0,
    }),
  );
  // Reading fails where there is no further message, which is how the server finds out.
  expect(await protocolErrors()).toEqual({});
});

test('over a transport that does not tell its position, calls are published without sizes', async () => {
  const reports: unknown[] = [];
  configureMetrics({ onError: (_error, site) => reports.push(site) });
  const calls = published('server');
  const { client } = await serveOver(
    transportOf(ownTransport),
    instrumentHandler({ ...pinging }, { service: 'Library' }),
  );

  await client.deliver(encode(BINARY_BUFFERED, { name: 'ping' }));
  await client.replies(1);
  await calls.ended(1);

  expect(calls.messages).toMatchObject([
    { method: 'ping', requestSize: undefined, responseSize: undefined },
  ]);
  expect(reports).toEqual([]);
});

test('over a transport that does not tell its position, the caller is known, and the handler gets its arguments', async () => {
  const seen: number[] = [];
  const { client, errors } = await serveOver(transportOf(ownTransport), {
    twice: (number: number, answer: (error: null, result: number) => void) => {
      seen.push(number);
      answer(null, 2 * number);
    },
  });

  await client.deliver(encodeNamedCall(BINARY_BUFFERED, 'thrift.caller=over_own_transport'));
  await client.replies(1);

  expect(seen).toEqual([21]);
  expect((await callersOf(register))['over_own_transport']).toEqual([1, undefined]);
  expect(errors).toEqual([]);
});

test.each([
  ['its headers are', { getReadHeaders: { value: () => JSON.parse('{') as object } }],
  [
    'its buffer is',
    {
      inBuf: {
        get: () => {
          throw new Error('no buffer');
        },
      },
    },
  ],
] as const)(
  'over a transport that fails when %s read, messages are counted, and the fault is reported',
  async (_, properties) => {
    const reports: unknown[] = [];
    configureMetrics({ onError: (_error, site) => reports.push(site) });
    const failing = (inner: Buffered): object =>
      Object.defineProperties(ownTransport(inner), properties);
    const { client, errors } = await serveOver(transportOf(failing, ownTransport));

    await client.deliver(encode(BINARY_BUFFERED, { name: 'ping' }));

    expect(await client.replies(1)).toMatchObject([{ name: 'ping' }]);
    expect(reports).toEqual(['processor:request']);
    expect(errors).toEqual([]);
    const counts = await countsOf('ping');
    expect(counts.messages).toEqual({ 'call reply': 1 });
    expect(counts.active).toBe(0);
  },
);

test('over a transport that fails when its position is read, calls are answered, and the fault is reported', async () => {
  const reports: unknown[] = [];
  configureMetrics({ onError: (_error, site) => reports.push(site) });
  const failing = (inner: Buffered): object =>
    Object.defineProperty(ownTransport(inner), 'outCount', {
      get: () => {
        throw new Error('no position');
      },
    });
  const { client, errors } = await serveOver(transportOf(ownTransport, failing));

  await client.deliver(encode(BINARY_BUFFERED, { name: 'ping' }));

  expect(await client.replies(1)).toMatchObject([{ name: 'ping' }]);
  expect(reports).toEqual(['processor:reply']);
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
  const { client, errors } = await serveOver(transportOf(ownTransport, failing));

  await client.deliver(encode(BINARY_BUFFERED, { name: 'ping' }));
  await client.closed();

  expect(errors).toEqual([failure]);
  expect(await countsOf('ping')).toEqual(
    counting({
      messages: { 'call none': 1 },
      active: 0,
      lost: { disconnected: 1 },
    }),
  );
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
