import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-node';
import * as stable from '@opentelemetry/semantic-conventions';
import { Registry } from 'prom-client';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import {
  configureMetrics,
  instrument,
  instrumentClient,
  instrumentHandler,
  instrumentServer,
  instrumentService,
} from '../../src/index';
import { enableTracing } from '../../src/opentelemetry';
import { thrift } from '../support/start-thrift';
import { Answers, Library } from '../thrift/client/library';
import { clientOf, closeAfterTest, startTcp, thriftLibrary } from '../thrift/client/transports';
import { collectSpans } from './collect-spans';
import { published } from './published';

// The names are constants of OpenTelemetry's package. `index` has the stable ones alone.
const {
  ATTR_CLIENT_ADDRESS,
  ATTR_CLIENT_PORT,
  ATTR_ERROR_TYPE,
  ATTR_NETWORK_PEER_ADDRESS,
  ATTR_NETWORK_PEER_PORT,
  ATTR_RPC_METHOD,
  ATTR_RPC_SYSTEM_NAME,
  ATTR_SERVER_ADDRESS,
  ATTR_SERVER_PORT,
} = stable;

thrift.setLogFunc?.(() => {});
beforeAll(() => configureMetrics({ registry: new Registry(), onError: () => {} }));
const spans = collectSpans();
let disable: () => void;
beforeEach(() => {
  disable = enableTracing();
});
afterEach(() => disable());

/** Calls methods of an instrumented service by an instrumented client, which connects to a host name. */
async function callLibrary(): Promise<{ port: number; all: ReadableSpan[] }> {
  const answers = new Answers();
  const { server, port } = await startTcp(
    instrumentService(Library),
    instrumentHandler(answers, { service: 'Library' }),
  );
  instrumentServer(server);
  const connection = thriftLibrary.createConnection('localhost', port, { family: 4 });
  const client = instrumentClient(clientOf(closeAfterTest(connection), Library));
  const calls = published('server');
  expect(await client['twice']?.(21)).toBe(42);
  await expect(client['twice']?.(-1)).rejects.toMatchObject({ why: 'negative' });
  await expect(client['divide']?.(1, 0)).rejects.toThrow('by zero');
  await client['note']?.('text');
  await calls.ended(4);
  return { port, all: spans.all() };
}

test('spans have the attributes of the stable conventions, under their names', async () => {
  const { port, all } = await callLibrary();

  expect(all).toHaveLength(8);
  const known = new Set<unknown>(Object.values(stable));
  for (const { attributes } of all)
    expect(Object.keys(attributes).filter((name) => !known.has(name))).toEqual([]);
  const ofKind = (kind: SpanKind) =>
    all.filter((span) => span.kind === kind).map(({ attributes }) => attributes);
  for (const attributes of ofKind(SpanKind.CLIENT)) {
    expect(attributes).toMatchObject({
      [ATTR_RPC_SYSTEM_NAME]: 'apache_thrift',
      // What the program connects to, and the address that it has led to.
      [ATTR_SERVER_ADDRESS]: 'localhost',
      [ATTR_SERVER_PORT]: port,
      [ATTR_NETWORK_PEER_ADDRESS]: '127.0.0.1',
      [ATTR_NETWORK_PEER_PORT]: port,
    });
    expect(attributes).not.toHaveProperty(ATTR_CLIENT_ADDRESS);
  }
  for (const attributes of ofKind(SpanKind.SERVER)) {
    expect(attributes).toMatchObject({
      [ATTR_RPC_SYSTEM_NAME]: 'apache_thrift',
      [ATTR_SERVER_ADDRESS]: '127.0.0.1',
      [ATTR_SERVER_PORT]: port,
      [ATTR_CLIENT_ADDRESS]: '127.0.0.1',
      [ATTR_CLIENT_PORT]: attributes[ATTR_NETWORK_PEER_PORT],
      [ATTR_NETWORK_PEER_ADDRESS]: '127.0.0.1',
      [ATTR_NETWORK_PEER_PORT]: expect.any(Number),
    });
  }
});

test('the name of a span is its rpc.method, the service and the method with a slash between them', async () => {
  const { all } = await callLibrary();

  for (const { name, attributes } of all) expect(attributes[ATTR_RPC_METHOD]).toBe(name);
  expect(new Set(all.map(({ name }) => name))).toEqual(
    new Set(['Library/twice', 'Library/divide', 'Library/note']),
  );
});

test('only failed calls have error.type, which has the status ERROR beside it', async () => {
  const { all } = await callLibrary();

  const failed = all.filter(({ attributes }) => attributes[ATTR_ERROR_TYPE] !== undefined);
  expect(failed.map(({ name, kind, status }) => [name, kind, status.code])).toEqual([
    ['Library/divide', SpanKind.SERVER, SpanStatusCode.ERROR],
    ['Library/divide', SpanKind.CLIENT, SpanStatusCode.ERROR],
  ]);
  for (const span of all.filter((each) => !failed.includes(each)))
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
});

test('a span ends when its call settles, however long its attributes take', () => {
  let metered = 0;
  const PAUSE = 300;
  enableTracing({
    attributes: ({ duration = NaN }) => {
      metered = duration;
      const until = performance.now() + PAUSE;
      while (performance.now() < until);
      return {};
    },
  });
  const fail = instrument(
    () => {
      throw new RangeError('no');
    },
    { service: 'Slow', method: 'fail' },
  );

  expect(fail).toThrow('no');

  const { duration, events, endTime } = spans.named('Slow/fail');
  const seconds = duration[0] + duration[1] / 1e9;
  expect(Math.abs(seconds - metered)).toBeLessThan(PAUSE / 2000);
  expect(events.map(({ time }) => time)).toEqual([endTime]);
});
