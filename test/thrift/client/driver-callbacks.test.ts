import { describe, expect, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { ACTIVE, countsOf, failedWith, lateRepliesOf, SUCCEEDED } from './client-counts';
import { emitted } from './emitted';
import { Answers, Library, loadEs5, type AnyClient, type Answer } from './library';
import { clientOf, startTcp, thriftLibrary } from './transports';

interface Driven extends AnyClient {
  // oxlint-disable-next-line typescript/no-explicit-any -- as generated
  _reqs: any;
}

let clients = 0;

/** A client whose connection never answers, as the driver that owns it sees it. */
function unanswered(): { client: Driven; name: string } {
  const name = `driven-${clients++}`;
  const connection = {
    transport: thriftLibrary.TBufferedTransport,
    protocol: thriftLibrary.TBinaryProtocol,
    write: () => {},
  };
  const client = clientOf(connection as never, Library) as Driven;
  return { client: instrumentClient(client, { name, connection }), name };
}

/** Passes an error to the callback of the first call, as drivers do when their connection fails. */
function passError(client: Driven, error: unknown): void {
  const callback = client._reqs[1] as Answer;
  delete client._reqs[1];
  callback(error);
}

class THTTPException extends Error {
  readonly statusCode = 503;
}

describe('an error that a driver passes to the callback without a reply', () => {
  test.each<[string, unknown, string]>([
    [
      'a system error counts as transport with its code',
      Object.assign(new Error('read'), { code: 'ECONNRESET' }),
      'transport ECONNRESET',
    ],
    [
      'an error that wraps a system error counts with the code of that error',
      new TypeError('fetch failed', {
        cause: Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }),
      }),
      'transport ECONNREFUSED',
    ],
    ['an HTTP status counts as THTTPException', new THTTPException(), 'transport THTTPException'],
    [
      'an HTTP status of a response counts as THTTPException',
      Object.assign(new Error('bad'), { code: 'ERR_BAD_RESPONSE', response: { status: 502 } }),
      'transport THTTPException',
    ],
    [
      'an HTTP status after the last retry counts as THTTPException',
      Object.assign(new Error('Retry timeout exceeded'), {
        payload: { response: { status: 503 } },
      }),
      'transport THTTPException',
    ],
    [
      'a system error of a timeout counts as timeout',
      Object.assign(new Error('connect'), { code: 'ETIMEDOUT' }),
      'timeout ETIMEDOUT',
    ],
    [
      'an aborted fetch counts as timeout',
      new DOMException('signal timed out', 'TimeoutError'),
      'timeout ETIMEDOUT',
    ],
    [
      'a timeout of undici counts as timeout',
      new TypeError('fetch failed', {
        cause: Object.assign(new Error('headers'), { code: 'UND_ERR_HEADERS_TIMEOUT' }),
      }),
      'timeout ETIMEDOUT',
    ],
    [
      'an exception of Thrift that says so counts as timeout',
      new thriftLibrary.Thrift.TApplicationException(7, 'Request timed out'),
      'timeout ETIMEDOUT',
    ],
    [
      'any other error counts as transport with its class',
      new RangeError('odd'),
      'transport RangeError',
    ],
    ['a string counts as transport', 'connection lost', 'transport string'],
    ['an error that wraps itself counts with its class', selfWrapped(), 'transport Error'],
  ])('without a reply, %s', async (_, error, failure) => {
    const { client, name } = unanswered();
    const call = client.twice?.(1) as Promise<unknown>;
    passError(client, error);
    expect(await call.catch((caught: unknown) => [caught])).toEqual([error]);
    expect(await countsOf(name, 'twice')).toEqual(failedWith(failure));
  });

  test('an error that a driver passes counts once if the connection reports the end of the call, too', async () => {
    const { client, name } = unanswered();
    const call = client.twice?.(1) as Promise<unknown>;
    passError(client, Object.assign(new Error('read'), { code: 'ECONNRESET' }));
    await expect(call).rejects.toThrow('read');
    await expect(Promise.resolve(client._reqs[1])).resolves.toBeUndefined();
    expect(await countsOf(name, 'twice')).toEqual(failedWith('transport ECONNRESET'));
    expect(await lateRepliesOf(name, 'twice')).toBe(0);
  });
});

function selfWrapped(): Error {
  const error = new Error('loop');
  error.cause = error;
  return error;
}

/** Replaces the callback of a call that was just made by one that calls it, as drivers with deadlines of their own do. */
function wrapCallback(client: Driven, id: number): void {
  const callback = client._reqs[id] as Answer;
  client._reqs[id] = (error: unknown, result?: unknown) => callback(error, result);
}

test('outcomes are the same if a driver wraps the callbacks of the client', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name: 'wrapped' }) as Driven;
  const calls = [
    client.twice?.(1),
    client.divide?.(1, 0).catch(() => {}),
    client.find?.(7).catch(() => {}),
    client.count?.().catch(() => {}),
  ];
  for (const id of [1, 2, 3, 4]) wrapCallback(client, id);
  await Promise.all(calls);
  expect(await countsOf('wrapped', 'twice')).toEqual(SUCCEEDED);
  const applicationError = failedWith('application TApplicationException');
  expect(await countsOf('wrapped', 'divide')).toEqual(applicationError);
  expect(await countsOf('wrapped', 'find')).toEqual(failedWith('declared Missing'));
  expect(await countsOf('wrapped', 'count')).toEqual(applicationError);
});

describe('replies after a timeout of the connection', () => {
  test.each<[string, object]>([
    ['ES6', Library],
    ['ES5', loadEs5()],
  ])(
    'replies after a timeout reach the caller of an %s client and are counted apart',
    async (style, service) => {
      const name = `late ${style}`;
      const handler = new Answers();
      const { connect } = await startTcp(Library, handler);
      const connection = connect({ timeout: 50 });
      const client = instrumentClient(clientOf(connection, service), { name });
      await client.ping?.();
      const arrivals = Promise.all([handler.arrival(), handler.arrival()]);
      const calls = [client.clamp?.(1, 2, 3), client.clamp?.(4, 5, 6)];
      await Promise.all([arrivals, emitted(connection, 'timeout')]);
      expect((await countsOf(name, 'clamp')).errors).toEqual({ 'timeout ETIMEDOUT': 2 });
      expect(await lateRepliesOf(name, 'clamp')).toBe(0);
      handler.held[0]?.(null, 2);
      handler.held[1]?.(new Error('late, and an error'));
      expect(await calls[0]).toBe(2);
      await expect(calls[1]).rejects.toThrow('late, and an error');
      expect(await countsOf(name, 'clamp')).toEqual({
        requests: 2,
        active: 0,
        succeeded: 0,
        failed: 2,
        errors: { 'timeout ETIMEDOUT': 2 },
      });
      expect(await lateRepliesOf(name, 'clamp')).toBe(2);
    },
  );

  test('a reply after a timeout that a driver keeps from the caller is not counted', async () => {
    const handler = new Answers();
    const { connect } = await startTcp(Library, handler);
    const client = instrumentClient(clientOf(connect(), Library), { name: 'kept back' }) as Driven;
    const arrival = handler.arrival();
    const call = client.clamp?.(1, 2, 3) as Promise<unknown>;
    await arrival;
    // The callback stays, so the reply calls it a second time.
    (client._reqs[1] as Answer)(new Error('deadline: timed out'));
    await expect(call).rejects.toThrow('deadline');
    handler.held[0]?.(null, 2);
    await client.ping?.();
    expect(await countsOf('kept back', 'clamp')).toEqual(failedWith('timeout ETIMEDOUT'));
    expect(await lateRepliesOf('kept back', 'clamp')).toBe(0);
  });
});

test('a call that nothing answers stays active', async () => {
  const { client, name } = unanswered();
  void client.twice?.(1);
  expect(await countsOf(name, 'twice')).toEqual(ACTIVE);
});
