import type http from 'node:http';
import type { Socket } from 'node:net';
import tls from 'node:tls';

import { describe, expect, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { unhandledRejectionsOf } from '../../support/unhandled-rejections';
import { Answers, Library, loadEs5, type AnyClient } from './library';
import { clientOf, STARTS, startTcp, type AnyConnection, type Start } from './transports';

const es5 = loadEs5();

const ways: readonly [string, (client: AnyClient) => AnyClient][] = [
  ['bare', (client) => client],
  ['instrumented', (client) => instrumentClient(client)],
];

/** What happened, in order. */
type Log = unknown[];

const EVENTS = ['connect', 'open', 'error', 'timeout', 'reconnecting', 'close'];

function printable(value: unknown): unknown {
  if (value instanceof Error) return `${value.constructor.name}: ${value.message}`;
  if (typeof value === 'object' && value !== null && 'error' in value)
    return printable(value.error);
  return value;
}

/** Logs every event of the connection. */
function listen(log: Log, connection: AnyConnection): void {
  for (const event of EVENTS) {
    connection.on(event, (...args: unknown[]) => log.push([event, ...args.map(printable)]));
  }
}

async function call(log: Log, title: string, make: () => unknown): Promise<void> {
  try {
    const made = make();
    log.push([title, Object.prototype.toString.call(made)]);
    log.push([title, 'resolved', printable(await made)]);
  } catch (error) {
    log.push([title, 'rejected', printable(error)]);
  }
}

async function converse(
  start: Start,
  service: object,
  way: (client: AnyClient) => AnyClient,
): Promise<Log> {
  const log: Log = [];
  const handler = new Answers();
  const { server, connect, kill } = await start(Library, handler);
  const bytes: Buffer[] = [];
  const isWeb = server.listenerCount('request') > 0;
  const isSecure = server instanceof tls.Server;
  server.on(isSecure ? 'secureConnection' : 'connection', (socket: Socket) => {
    if (!isWeb) socket.on('data', (data) => bytes.push(data));
  });
  const requests: string[] = [];
  server.prependListener('request', (request: http.IncomingMessage) => {
    requests.push(request.rawHeaders.filter((value) => !value.startsWith('127.0.0.1:')).join());
    request.on('data', (data: Buffer) => requests.push(data.toString('hex')));
  });
  const connection = connect();
  listen(log, connection);
  const client = way(clientOf(connection, service));
  const unhandled = await unhandledRejectionsOf(async () => {
    await call(log, 'twice', () => client.twice?.(21));
    await call(log, 'find', () => client.find?.(7));
    await call(log, 'divide', () => client.divide?.(1, 0));
    await call(log, 'count', () => client.count?.());
    await call(log, 'note', () => client.note?.('text'));
    // Nothing handles this rejection.
    void client.divide?.(2, 0);
    await call(log, 'two at once', () =>
      Promise.all([client.twice?.(1), client.divide?.(6, 3), client.ping?.()]),
    );
    const arrival = handler.arrival();
    client.clamp?.(1, 2, 3).then(
      () => log.push('clamp resolved'),
      () => log.push('clamp rejected'),
    );
    await arrival;
    const end = new Promise((resolve) => {
      for (const event of ['close', 'error']) connection.once(event, resolve);
    });
    await kill();
    await end;
    // Waits for anything the connection reports later.
    for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve));
  });
  log.push(['unhandled', ...unhandled.map(printable)]);
  log.push(['bytes', Buffer.concat(bytes).toString('hex')]);
  // Concurrent requests may arrive in any order.
  log.push(['requests', ...requests.toSorted()]);
  log.push(['listeners', ...EVENTS.map((event) => connection.listenerCount(event))]);
  log.push(Object.keys(connection).toSorted(), Object.keys(client).toSorted());
  return log;
}

describe.each(STARTS)('over %s', (_, start) => {
  test.each([
    ['ES6', Library],
    ['ES5', es5],
  ])('an %s client behaves the same with and without metrics', async (__, service) => {
    const logs: Log[] = [];
    for (const [, way] of ways) logs.push(await converse(start, service, way));
    const [bare, instrumented] = logs;
    expect(bare?.length).toBeGreaterThan(15);
    expect(bare).toContainEqual(['twice', 'resolved', 42]);
    expect(instrumented).toEqual(bare);
  });
});

test.each(ways)('callbacks get the same arguments and receiver (%s client)', async (_, way) => {
  const { connect } = await startTcp(Library, new Answers());
  const client = way(clientOf(connect(), es5));
  const seen: unknown[] = [];
  const answered = (): Promise<void> =>
    new Promise((resolve) => {
      seen.push(
        client[method]?.(...args, function (this: unknown, ...answer: unknown[]) {
          seen.push([this, answer.length, ...answer.map(printable)]);
          resolve();
        }),
      );
    });
  let method = 'twice';
  let args: unknown[] = [21];
  await answered();
  [method, args] = ['find', [7]];
  await answered();
  [method, args] = ['ping', []];
  await answered();
  [method, args] = ['note', ['text']];
  await answered();
  expect(seen).toMatchObject([
    undefined,
    [undefined, 2, null, 42],
    undefined,
    [undefined, 2, expect.anything(), undefined],
    undefined,
    [undefined, 2, null, undefined],
    // Thrift invokes the callback of a oneway method during the call.
    [undefined, 1, null],
    undefined,
  ]);
});

test.each(ways)('the reply to a call without a callback is ignored (%s client)', async (_, way) => {
  const handler = new Answers();
  const { connect } = await startTcp(Library, handler);
  const client = way(clientOf(connect(), es5));
  client.twice?.(21, null);
  client.note?.('text', null);
  expect(await new Promise((resolve) => client.ping?.((error: unknown) => resolve(error)))).toBe(
    null,
  );
});

test.each(ways)(
  'a oneway callback that throws does so at the caller (%s client)',
  async (_, way) => {
    const { connect } = await startTcp(Library, new Answers());
    const client = way(clientOf(connect(), es5));
    const boom = new Error('boom');
    expect(() =>
      client.note?.('text', () => {
        throw boom;
      }),
    ).toThrow(boom);
  },
);

test.each(ways)(
  'call ids increase, and none remains once all calls are answered (%s client)',
  async (_, way) => {
    const { connect } = await startTcp(Library, new Answers());
    const client = way(clientOf(connect(), Library)) as AnyClient & {
      _reqs: object;
      _seqid: number;
    };
    await Promise.all([client.ping?.(), client.twice?.(1), client.note?.('text')]);
    expect(client._seqid).toBe(3);
    expect(Object.keys(client._reqs).filter((id) => Number(id) > 0)).toEqual([]);
  },
);
