import { describe, expect, test } from 'vitest';

import { configureMetrics, instrumentClient } from '../../../src/index';
import { ACTIVE, countsOf, failedWith, queueOf, reconnectsOf } from './client-counts';
import { emitted } from './emitted';
import { Answers, Library } from './library';
import { Loopback } from './loopback';
import { closedPort, connectTo, startServer } from './stream-servers';
import {
  clientOf,
  closeAfterTest,
  startTcp,
  startTls,
  startUnix,
  thriftLibrary,
} from './transports';

test('calls over a refused connection fail with the system error code when it is refused', async () => {
  const connection = connectTo(await closedPort());
  const client = instrumentClient(clientOf(connection, Library), { name: 'refused' });
  let settled = false;
  const settle = (): void => void (settled = true);
  client.twice?.(1).then(settle, settle);
  expect(await countsOf('refused', 'twice')).toEqual(ACTIVE);
  expect(await queueOf('refused')).toBe(1);
  await emitted(connection, 'error');
  expect(await countsOf('refused', 'twice')).toEqual(failedWith('transport ECONNREFUSED'));
  expect(await queueOf('refused')).toBe(0);
  expect(settled).toBe(false);
});

test('a missing Unix socket fails the calls', async () => {
  const connection = closeAfterTest(thriftLibrary.createUDSConnection('/nowhere/socket', {}));
  const client = instrumentClient(clientOf(connection, Library), { name: 'enoent' });
  void client.twice?.(1);
  await emitted(connection, 'error');
  expect(await countsOf('enoent', 'twice')).toEqual(failedWith('transport ENOENT'));
});

test('an untrusted certificate fails the calls over TLS', async () => {
  const { connect } = await startTls(Library, new Answers());
  const connection = connect({ rejectUnauthorized: true });
  const client = instrumentClient(clientOf(connection, Library), { name: 'untrusted' });
  void client.twice?.(1);
  await emitted(connection, 'error');
  expect(await countsOf('untrusted', 'twice')).toEqual(
    failedWith('transport DEPTH_ZERO_SELF_SIGNED_CERT'),
  );
});

describe.each([
  ['TCP', startTcp],
  ['TLS', startTls],
  ['a Unix socket', startUnix],
] as const)('over %s', (transport, start) => {
  test('a server that goes away during a call fails the pending calls', async () => {
    const name = `killed over ${transport}`;
    const handler = new Answers();
    const { connect, kill } = await start(Library, handler);
    const connection = connect();
    const client = instrumentClient(clientOf(connection, Library), { name });
    const arrival = handler.arrival();
    void client.clamp?.(1, 2, 3);
    await arrival;
    const closed = emitted(connection, 'close');
    await kill();
    await closed;
    expect(await countsOf(name, 'clamp')).toEqual(failedWith('transport ConnectionClosed'));
  });

  test('calls on a permanently closed connection fail immediately, including oneway calls', async () => {
    const name = `closed over ${transport}`;
    const { connect } = await start(Library, new Answers());
    const connection = connect();
    const client = instrumentClient(clientOf(connection, Library), { name });
    await client.ping?.();
    const closed = emitted(connection, 'close');
    connection.end();
    await closed;
    void client.twice?.(1);
    expect(await countsOf(name, 'twice')).toEqual(failedWith('transport ConnectionClosed'));
    expect(await client.note?.('lost')).toBe(undefined);
    expect(await countsOf(name, 'note')).toEqual(failedWith('transport ConnectionClosed'));
    expect(await queueOf(name)).toBe(0);
  });

  test('the first call on an already closed connection fails immediately', async () => {
    const name = `late over ${transport}`;
    const { connect } = await start(Library, new Answers());
    const connection = connect();
    const client = instrumentClient(clientOf(connection, Library), { name });
    await emitted(connection, 'connect');
    const closed = emitted(connection, 'close');
    connection.destroy();
    await closed;
    void client.twice?.(1);
    expect(await countsOf(name, 'twice')).toEqual(failedWith('transport ConnectionClosed'));
  });

  test('a timeout fails the pending calls; a late reply still reaches the caller and is not counted again', async () => {
    const name = `timeout over ${transport}`;
    const handler = new Answers();
    const { connect } = await start(Library, handler);
    const connection = connect({ timeout: 50 });
    const client = instrumentClient(clientOf(connection, Library), { name });
    const both = Promise.all([handler.arrival(), emitted(connection, 'timeout')]);
    const call = client.clamp?.(1, 2, 3) as Promise<number>;
    await both;
    expect(await countsOf(name, 'clamp')).toEqual(failedWith('timeout ETIMEDOUT'));
    handler.held[0]?.(null, 2);
    expect(await call).toBe(2);
    expect(await countsOf(name, 'clamp')).toEqual(failedWith('timeout ETIMEDOUT'));
  });
});

test('a reset connection fails the calls with its error code', async () => {
  const port = await startServer((socket) => socket.resetAndDestroy());
  const connection = connectTo(port);
  const client = instrumentClient(clientOf(connection, Library), { name: 'reset' });
  void client.twice?.(1);
  await emitted(connection, 'error');
  expect(await countsOf('reset', 'twice')).toEqual(failedWith('transport ECONNRESET'));
});

test('an error that only reaches listeners on the socket still provides its code', async () => {
  const connection = connectTo(await closedPort());
  const client = instrumentClient(clientOf(connection, Library), { name: 'socket-listener' });
  connection.connection.on('error', () => {});
  void client.twice?.(1);
  await emitted(connection, 'close');
  expect(await countsOf('socket-listener', 'twice')).toEqual(failedWith('transport ECONNREFUSED'));
});

test('an error does not fail calls that an error listener makes', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const connection = connectTo(await closedPort());
  const other = instrumentClient(clientOf(connect(), Library), { name: 'fallback' });
  const client = instrumentClient(clientOf(connection, Library), { name: 'fallback' });
  const answer = new Promise((resolve) => {
    connection.on('error', () => resolve(other.twice?.(2)));
  });
  void client.twice?.(1);
  expect(await answer).toBe(4);
  expect(await countsOf('fallback', 'twice')).toEqual({
    requests: 2,
    active: 0,
    succeeded: 1,
    failed: 1,
    errors: { 'transport ECONNREFUSED': 1 },
  });
});

describe('a call on a stream that has ended', () => {
  /** The state of Thrift's connection: `connection_gone` in its `connection.js` reads the same fields. */
  const attempting = { max_attempts: 3, attempts: 1, retry_timer: null, retry_totaltime: 0 };

  test.each<[string, object, boolean]>([
    ['attempts are left', attempting, true],
    ['attempts are left, and none was made', { max_attempts: 1 }, true],
    ['the last attempt was made', { ...attempting, attempts: 3 }, false],
    ['the last attempt is about to be made', { ...attempting, attempts: 3, retry_timer: {} }, true],
    ['there are no attempts', { ...attempting, max_attempts: undefined }, false],
    ['the program has ended it', { ...attempting, forceClose: true }, false],
    ['it is one of TLS, which cannot connect again', { ...attempting, ssl: true }, false],
    ['time is left', { ...attempting, connect_timeout: 200, retry_totaltime: 199 }, true],
    [
      'all of the time is over',
      { ...attempting, connect_timeout: 200, retry_totaltime: 200 },
      false,
    ],
    ['no time has passed', { max_attempts: 1, connect_timeout: 200 }, true],
    [
      'the time is not limited',
      { ...attempting, connect_timeout: false, retry_totaltime: 9e9 },
      true,
    ],
  ])('waits if Thrift will connect again: %s', async (title, state, waits) => {
    const name = `ended: ${title}`;
    const connection = Object.assign(new Loopback(Library), {
      connection: { destroyed: true, errored: null },
      offline_queue: [],
      connected: false,
      write: () => {},
      ...state,
    });
    const client = instrumentClient(clientOf(connection, Library), { name, connection });
    void client['twice']?.(1);
    expect(await queueOf(name)).toBe(waits ? 1 : 0);
    expect(await countsOf(name, 'twice')).toEqual(
      waits ? ACTIVE : failedWith('transport ConnectionClosed'),
    );
  });
});

test('attempts to connect again are not counted while metrics are disabled', async () => {
  const name = 'not counted';
  const connection = connectTo(await closedPort(), { max_attempts: 2 });
  connection.on('error', () => {});
  instrumentClient(clientOf(connection, Library), { name, connection });
  configureMetrics({ enabled: false });
  try {
    await emitted(connection, 'reconnecting');
    expect(await reconnectsOf(name)).toBe(0);
  } finally {
    configureMetrics({ enabled: true });
  }
  await emitted(connection, 'reconnecting');
  expect(await reconnectsOf(name)).toBe(1);
});

test('calls that wait are not failed by the error of an attempt to connect', async () => {
  const connection = connectTo(await closedPort(), { max_attempts: 2 });
  const client = instrumentClient(clientOf(connection, Library), { name: 'attempt' });
  void client.twice?.(1);
  await emitted(connection, 'error');
  expect(await countsOf('attempt', 'twice')).toEqual(ACTIVE);
  expect(await queueOf('attempt')).toBe(1);
  connection.on('error', () => {});
});

test('a sent call fails with the error of its stream, before Thrift connects again', async () => {
  const port = await startServer((socket) => socket.resetAndDestroy());
  const connection = connectTo(port, { max_attempts: 1 });
  const client = instrumentClient(clientOf(connection, Library), { name: 'reset-retry' });
  void client.twice?.(1);
  await emitted(connection, 'error');
  connection.on('error', () => {});
  expect(await reconnectsOf('reset-retry')).toBe(0);
  expect(await countsOf('reset-retry', 'twice')).toEqual(failedWith('transport ECONNRESET'));
});
