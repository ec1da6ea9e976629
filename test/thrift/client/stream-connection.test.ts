import { describe, expect, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { ACTIVE, countsOf, failedWith, queueOf } from './client-counts';
import { emitted } from './emitted';
import { Answers, Library } from './library';
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
