import { expect, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { ACTIVE, countsOf, failedWith, queueOf, SUCCEEDED } from './client-counts';
import { emitted } from './emitted';
import { Answers, Library } from './library';
import { clientOf, closeAfterTest, startWebSocket, thriftLibrary } from './transports';

test('calls queued before a WebSocket opens are sent when it opens', async () => {
  const { connect } = await startWebSocket(Library, new Answers());
  const connection = connect();
  const client = instrumentClient(clientOf(connection, Library), { name: 'opens' });
  const call = client.twice?.(21) as Promise<number>;
  expect(await queueOf('opens')).toBe(1);
  await emitted(connection, 'open');
  expect(await queueOf('opens')).toBe(0);
  expect(await call).toBe(42);
  expect(await countsOf('opens', 'twice')).toEqual(SUCCEEDED);
});

test('calls over a refused WebSocket fail with the system error code', async () => {
  const { connect, kill } = await startWebSocket(Library, new Answers());
  await kill();
  const connection = connect();
  const client = instrumentClient(clientOf(connection, Library), { name: 'ws-refused' });
  void client.twice?.(21);
  const closed = emitted(connection, 'close');
  await emitted(connection, 'error');
  expect(await countsOf('ws-refused', 'twice')).toEqual(failedWith('transport ECONNREFUSED'));
  await closed;
  expect(await queueOf('ws-refused')).toBe(0);
});

test('a WebSocket server that goes away during a call fails the pending calls', async () => {
  const handler = new Answers();
  const { connect, kill } = await startWebSocket(Library, handler);
  const connection = connect();
  const client = instrumentClient(clientOf(connection, Library), { name: 'ws-killed' });
  const arrival = handler.arrival();
  void client.clamp?.(1, 2, 3);
  await arrival;
  const closed = emitted(connection, 'close');
  await kill();
  await closed;
  expect(await countsOf('ws-killed', 'clamp')).toEqual(failedWith('transport ConnectionClosed'));
});

test('a call made by a close listener of a WebSocket is lost with the queue and fails', async () => {
  const { connect, drop } = await startWebSocket(Library, new Answers());
  const connection = connect();
  const client = instrumentClient(clientOf(connection, Library), { name: 'ws-lost' });
  await client.ping?.();
  const closed = emitted(connection, 'close');
  connection.once('close', () => void client.twice?.(1));
  // Thrift's server does not answer when the client closes the socket.
  drop();
  await closed;
  await new Promise((resolve) => setImmediate(resolve));
  expect(connection.send_pending).toEqual([]);
  expect(await countsOf('ws-lost', 'twice')).toEqual(failedWith('transport ConnectionClosed'));
  expect(await queueOf('ws-lost')).toBe(0);
});

test('calls on a closed WebSocket wait until it is opened again', async () => {
  const { connect, drop } = await startWebSocket(Library, new Answers());
  const connection = connect();
  const client = instrumentClient(clientOf(connection, Library), { name: 'ws-again' });
  await client.ping?.();
  const closed = emitted(connection, 'close');
  // Thrift's server does not answer when the client closes the socket.
  drop();
  await closed;
  await new Promise((resolve) => setImmediate(resolve));
  const call = client.twice?.(4) as Promise<number>;
  expect(await countsOf('ws-again', 'twice')).toEqual(ACTIVE);
  expect(await queueOf('ws-again')).toBe(1);
  connection.open();
  expect(await call).toBe(8);
  expect(await countsOf('ws-again', 'twice')).toEqual(SUCCEEDED);
  expect(await queueOf('ws-again')).toBe(0);
});

test('calls on a WebSocket that is never opened stay queued', async () => {
  const connection = closeAfterTest(
    thriftLibrary.createWSConnection('127.0.0.1', 1, {
      transport: thriftLibrary.TBufferedTransport,
    }),
  );
  const client = instrumentClient(clientOf(connection, Library), { name: 'ws-unopened' });
  void client.twice?.(4);
  expect(await countsOf('ws-unopened', 'twice')).toEqual(ACTIVE);
  expect(await queueOf('ws-unopened')).toBe(1);
});

test('a WebSocket reply to an unknown method fails no call', async () => {
  const handler = new Answers();
  const { connect } = await startWebSocket(Library, handler);
  const connection = connect();
  const client = instrumentClient(clientOf(connection, Library), { name: 'ws-stray' });
  const arrival = handler.arrival();
  void client.clamp?.(1, 2, 3);
  await arrival;
  const failed = emitted(connection, 'error');
  connection.__onData(
    Buffer.from('\x80\x01\x00\x02\x00\x00\x00\x05stray\x00\x00\x00\x09\x00', 'latin1'),
  );
  expect(await failed).toMatchObject({ name: 'TApplicationException' });
  expect(await countsOf('ws-stray', 'clamp')).toEqual(ACTIVE);
});

test('an error event of a WebSocket without an error fails the pending calls', async () => {
  const handler = new Answers();
  const { connect } = await startWebSocket(Library, handler);
  const connection = connect();
  const client = instrumentClient(clientOf(connection, Library), { name: 'ws-event' });
  const arrival = handler.arrival();
  void client.clamp?.(1, 2, 3);
  await arrival;
  connection.on('error', () => {});
  // In browsers, the event does not say why.
  connection.emit('error', new Event('error'));
  expect(await countsOf('ws-event', 'clamp')).toEqual(failedWith('transport Event'));
});
