import type { Server } from 'node:net';

import { describe, expect, onTestFinished, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { ACTIVE, countsOf, failedWith, queueOf, reconnectsOf, SUCCEEDED } from './client-counts';
import { emitted } from './emitted';
import { Answers, Library } from './library';
import { closedPort, connectTo } from './stream-servers';
import { clientOf, HOST, startTcp, thriftLibrary, type AnyConnection } from './transports';

describe('with max_attempts', () => {
  test('calls queued while the connection is down succeed once it connects', async () => {
    const port = await closedPort();
    const connection = connectTo(port, { max_attempts: 5 });
    connection.on('error', () => {});
    const client = instrumentClient(clientOf(connection, Library), { name: 'comes-back' });
    const call = client.twice?.(21) as Promise<number>;
    const note = client.note?.('waits, too') as Promise<void>;
    expect(await queueOf('comes-back')).toBe(2);
    await emitted(connection, 'reconnecting');
    expect(await countsOf('comes-back', 'twice')).toEqual(ACTIVE);
    expect(await reconnectsOf('comes-back')).toBe(1);
    expect(await queueOf('comes-back')).toBe(2);
    await note;
    const server = thriftLibrary.createServer(Library, new Answers()) as Server;
    server.listen(port, HOST);
    onTestFinished(() => void server.close());
    await emitted(connection, 'connect');
    expect(await queueOf('comes-back')).toBe(0);
    expect(await call).toBe(42);
    expect(await countsOf('comes-back', 'twice')).toEqual(SUCCEEDED);
    expect(await countsOf('comes-back', 'note')).toEqual(SUCCEEDED);
  });

  test('sent calls fail when the connection breaks, and later calls are queued and succeed', async () => {
    const handler = new Answers();
    const { connect, drop } = await startTcp(Library, handler);
    const connection = connect({ max_attempts: 5 });
    const client = instrumentClient(clientOf(connection, Library), { name: 'breaks' });
    const arrival = handler.arrival();
    void client.clamp?.(1, 2, 3);
    await arrival;
    drop();
    await emitted(connection, 'reconnecting');
    expect(await countsOf('breaks', 'clamp')).toEqual(failedWith('transport ConnectionClosed'));
    const call = client.twice?.(4) as Promise<number>;
    expect(await queueOf('breaks')).toBe(1);
    expect(await call).toBe(8);
    expect(await countsOf('breaks', 'twice')).toEqual(SUCCEEDED);
    expect(await queueOf('breaks')).toBe(0);
    expect(await reconnectsOf('breaks')).toBe(1);
  });

  test('calls fail when the last connection attempt fails', async () => {
    const connection = connectTo(await closedPort(), { max_attempts: 2 });
    connection.on('error', () => {});
    const client = instrumentClient(clientOf(connection, Library), { name: 'gives-up' });
    void client.twice?.(1);
    await emitted(connection, 'close');
    expect(await countsOf('gives-up', 'twice')).toEqual(failedWith('transport ECONNREFUSED'));
    expect(await reconnectsOf('gives-up')).toBe(2);
    expect(await queueOf('gives-up')).toBe(0);
    void client.ping?.();
    expect(await countsOf('gives-up', 'ping')).toEqual(failedWith('transport ConnectionClosed'));
    expect(await queueOf('gives-up')).toBe(0);
  });

  test('a connection passed as an option reports reconnects before the first call', async () => {
    const connection = connectTo(await closedPort(), { max_attempts: 2 });
    connection.on('error', () => {});
    instrumentClient(clientOf(connection, Library), { name: 'known', connection });
    await emitted(connection, 'close');
    expect(await reconnectsOf('known')).toBe(2);
  });

  test('connect_timeout ends the connection attempts and fails the calls', async () => {
    const connection = connectTo(await closedPort(), { max_attempts: 9, connect_timeout: 200 });
    connection.on('error', () => {});
    // The option is also the timeout of the idle socket, which a busy machine reaches before the attempts end.
    connection['connection'].setTimeout(0);
    const client = instrumentClient(clientOf(connection, Library), { name: 'connect-timeout' });
    void client.twice?.(1);
    await emitted(connection, 'close');
    expect(await countsOf('connect-timeout', 'twice')).toEqual(
      failedWith('transport ECONNREFUSED'),
    );
    void client.ping?.();
    expect(await countsOf('connect-timeout', 'ping')).toEqual(
      failedWith('transport ConnectionClosed'),
    );
  });
});

test('data that the program writes itself belongs to no call', async () => {
  const connection = connectTo(await closedPort());
  connection.on('error', () => {});
  const client = instrumentClient(clientOf(connection, Library), { name: 'itself', connection });
  await expect(client.describe?.(Symbol('no number'))).rejects.toThrow(TypeError);
  connection.write(Buffer.from('its own'));
  expect(await queueOf('itself')).toBe(0);
  void client.ping?.();
  connection.write(Buffer.from('its own'));
  expect(await queueOf('itself')).toBe(1);
});

test('the queue lengths of clients with the same name add up', async () => {
  const port = await closedPort();
  const connections = [1, 2].map(() => connectTo(port, { max_attempts: 9 }));
  const clients = connections.map((connection) => {
    connection.on('error', () => {});
    return instrumentClient(clientOf(connection, Library), { name: 'added' });
  });
  void clients[0]?.ping?.();
  void clients[1]?.ping?.();
  void clients[1]?.ping?.();
  expect(await queueOf('added')).toBe(3);
  connections[1]?.end();
  const closed = emitted(connections[1] as AnyConnection, 'close');
  await closed;
  expect(await queueOf('added')).toBe(1);
});
