import { SpanKind } from '@opentelemetry/api';
import { Registry } from 'prom-client';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  instrumentServer,
  instrumentService,
  resetMetrics,
} from '../../src/index';
import { enableTracing, type TracingOptions } from '../../src/opentelemetry';
import { encodeCall, type Output, writeMap } from '../support/encode-call';
import { thrift } from '../support/start-thrift';
import { samplesOf } from '../support/value-of';
import { Answers, Library } from '../thrift/client/library';
import { serve } from '../thrift/service/serve';
import { BINARY_FRAMED, REPLY, WIRES, type Wire } from '../thrift/service/wire';
import { collectSpans } from './collect-spans';
import { published } from './published';

thrift.setLogFunc?.(() => {});

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = `00-${TRACE_ID}-00f067aa0ba902b7-01`;
const { Type } = thrift.Thrift;

const registry = new Registry();
beforeAll(() => configureMetrics({ registry }));
const spans = collectSpans();
let disable: () => void = () => {};
beforeEach(() => resetMetrics());
afterEach(() => disable());

const context = [['traceparent', PARENT]] as const;

/** Encodes a call of `twice(21)`, with more fields before and after its argument. */
const encodeTwice = (
  wire: Wire,
  after: (output: Output) => void,
  before?: (output: Output) => void,
): Buffer => encodeCall(wire, 'twice', 21, after, before);

/** Sends a request to a traced server. Returns the context of its span's parent, and what was counted. */
async function send(wire: Wire, request: Buffer | readonly Buffer[], options: TracingOptions = {}) {
  disable = enableTracing(options);
  const handler = instrumentHandler(new Answers(), { service: 'Library' });
  const { server, connect } = await serve(instrumentService(Library), handler, wire);
  instrumentServer(server);
  const client = await connect();
  const calls = published('server');
  const packets = Buffer.isBuffer(request) ? [request] : request;
  for (const packet of packets) await client.deliver(packet);
  await calls.ended(1);
  expect(await client.replies(1)).toMatchObject([{ name: 'twice', type: REPLY }]);
  expect(calls.messages[0]).toMatchObject({ args: [21], result: 42 });
  const counted = (await samplesOf(registry)).filter(
    ({ name, value }) => name === 'thrift_server_rejected_contexts_total' && value > 0,
  );
  return {
    parent: spans.named('Library/twice', SpanKind.SERVER).parentSpanContext?.traceId,
    rejected: counted.map(({ labels, value }) => [labels['thrift_reason'], value]),
  };
}

const ACCEPTED = { parent: TRACE_ID, rejected: [] };
const rejected = (reason: string) => ({ parent: undefined, rejected: [[reason, 1]] });

describe.each(WIRES)('$protocol in $transport', (wire) => {
  const sendField = (
    after: (output: Output) => void,
    before?: (output: Output) => void,
    options?: TracingOptions,
  ) => send(wire, encodeTwice(wire, after, before), options);

  test('the context is read from field 8888, also as the first field', async () => {
    const write = (output: Output): void => writeMap(output, 8888, context);
    expect(await sendField(() => {}, write)).toEqual(ACCEPTED);
  });

  test('the context is read from field 3333', async () => {
    expect(await sendField((output) => writeMap(output, 3333, context))).toEqual(ACCEPTED);
  });

  test('a map in another field is not a context', async () => {
    expect(await sendField((output) => writeMap(output, 8887, context))).toEqual({
      parent: undefined,
      rejected: [],
    });
  });

  test('a field of another type is rejected', async () => {
    const write = (output: Output): void => {
      output.writeFieldBegin('', Type.STRING, 8888);
      output.writeString(PARENT);
      output.writeFieldEnd();
    };
    expect(await sendField(write)).toEqual(rejected('type'));
  });

  test('a map of another type is rejected', async () => {
    const write = (output: Output): void => {
      output.writeFieldBegin('', Type.MAP, 8888);
      output.writeMapBegin(Type.I32, Type.STRING, 2);
      for (const key of [1, 2]) {
        output.writeI32(key);
        output.writeString(PARENT);
      }
      output.writeMapEnd();
      output.writeFieldEnd();
    };
    expect(await sendField(write)).toEqual(rejected('type'));
  });

  test('a map of strings to numbers is rejected', async () => {
    const write = (output: Output): void => {
      output.writeFieldBegin('', Type.MAP, 8888);
      output.writeMapBegin(Type.STRING, Type.I32, 1);
      output.writeString('traceparent');
      output.writeI32(1);
      output.writeMapEnd();
      output.writeFieldEnd();
    };
    expect(await sendField(write)).toEqual(rejected('type'));
  });

  test('an empty map is a context without entries', async () => {
    expect(await sendField((output) => writeMap(output, 8888, []))).toEqual({
      parent: undefined,
      rejected: [],
    });
  });

  test('a map with 101 entries is rejected, one with 100 is not', async () => {
    const entries = (count: number): [string, string][] => [
      ['traceparent', PARENT],
      ...Array.from({ length: count - 1 }, (_, i): [string, string] => [`k${i}`, '']),
    ];
    expect(await sendField((output) => writeMap(output, 8888, entries(100)))).toEqual(ACCEPTED);
    disable();
    spans.reset();
    expect(await sendField((output) => writeMap(output, 8888, entries(101)))).toEqual(
      rejected('entries'),
    );
  });

  test('a map with a key of a megabyte is rejected', async () => {
    const entries = [...context, ['k'.repeat(1 << 20), 'v']] as [string, string][];
    expect(await sendField((output) => writeMap(output, 8888, entries))).toEqual(rejected('size'));
  });

  test('a map whose names and values have more than 8 KiB is rejected', async () => {
    const rest = 8192 - 'traceparent'.length - PARENT.length - 1;
    const entries = (length: number): [string, string][] => [
      ['traceparent', PARENT],
      ['k', 'v'.repeat(length)],
    ];
    expect(await sendField((output) => writeMap(output, 8888, entries(rest)))).toEqual(ACCEPTED);
    disable();
    spans.reset();
    expect(await sendField((output) => writeMap(output, 8888, entries(rest + 1)))).toEqual(
      rejected('size'),
    );
  });

  test('a map in a nested struct is not a context', async () => {
    const write = (output: Output): void => {
      output.writeFieldBegin('', Type.STRUCT, 2);
      output.writeStructBegin('nested');
      writeMap(output, 8888, context);
      output.writeFieldStop();
      output.writeStructEnd();
      output.writeFieldEnd();
    };
    expect(await sendField(write)).toEqual({ parent: undefined, rejected: [] });
  });

  test('a context that is not one is rejected for that, also if its peer is not trusted', async () => {
    const write = (output: Output): void => {
      output.writeFieldBegin('', Type.STRING, 8888);
      output.writeString(PARENT);
      output.writeFieldEnd();
    };
    expect(await sendField(write, undefined, { acceptFrom: false })).toEqual(rejected('type'));
  });

  test('a context of a peer that is not trusted is rejected', async () => {
    const seen: unknown[] = [];
    const write = (output: Output): void => writeMap(output, 8888, context);
    const acceptFrom = (peer: unknown): boolean => {
      seen.push(peer);
      return false;
    };
    expect(await sendField(write, undefined, { acceptFrom })).toEqual(rejected('untrusted'));
    expect(seen).toEqual([{ address: '127.0.0.1', port: expect.any(Number) as number }]);
  });
});

describe('binary and compact', () => {
  test.each(WIRES.filter(({ protocol }) => protocol !== 'TJSONProtocol'))(
    'a context that is written twice is rejected: $protocol in $transport',
    async (wire) => {
      const write = (output: Output): void => writeMap(output, 8888, context);
      expect(await send(wire, encodeTwice(wire, write, write))).toEqual(rejected('duplicate'));
    },
  );

  test('a map with a million entries is rejected, and nothing of it is kept', async () => {
    function* entries(): Generator<[string, string]> {
      yield ['traceparent', PARENT];
      for (let i = 0; i < 1_000_000; i++) yield [`k${i}`, ''];
    }
    const write = (output: Output): void => writeMap(output, 8888, entries());
    expect(await send(BINARY_FRAMED, encodeTwice(BINARY_FRAMED, write))).toEqual(
      rejected('entries'),
    );
  });

  test('a context that arrives in several packets is counted once', async () => {
    const wire: Wire = { protocol: 'TBinaryProtocol', transport: 'TBufferedTransport' };
    const write = (output: Output): void => writeMap(output, 8888, context);
    const request = encodeTwice(wire, write);
    const parts = [30, 60, request.length - 3, request.length];
    const chunks = parts.map((end, i) => request.subarray(parts[i - 1] ?? 0, end));
    expect(await send(wire, chunks, { acceptFrom: false })).toEqual(rejected('untrusted'));
  });

  test.each([
    ['false', false],
    ['a function that fails', () => JSON.parse('{') as boolean],
    // Without care, its rejection would end the process.
    [
      'a function that returns a promise',
      (async () => Promise.reject(new Error('late'))) as () => never,
    ],
  ])('acceptFrom: %s trusts no peer', async (_, acceptFrom) => {
    const write = (output: Output): void => writeMap(output, 8888, context);
    const request = encodeTwice(BINARY_FRAMED, write);
    expect(await send(BINARY_FRAMED, request, { acceptFrom })).toEqual(rejected('untrusted'));
  });

  test('a traceparent that is not valid starts a new trace', async () => {
    const write = (output: Output): void => writeMap(output, 8888, [['traceparent', '00-x']]);
    expect(await send(BINARY_FRAMED, encodeTwice(BINARY_FRAMED, write))).toEqual({
      parent: undefined,
      rejected: [],
    });
  });
});
