import { expect, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { reconnectsOf } from './client-counts';
import { Library } from './library';
import { Loopback } from './loopback';
import { clientOf } from './transports';

/** A connection with the state of one of Thrift's that is connected. */
const connected = (): Loopback =>
  Object.assign(new Loopback(Library), {
    connection: { destroyed: false, errored: null },
    offline_queue: [],
    connected: true,
  });

test('a connection counts its reconnects under every name that its clients have got', async () => {
  const connection = connected();
  const client = instrumentClient(clientOf(connection, Library), { connection });
  instrumentClient(client, { name: 'named later' });
  instrumentClient(clientOf(connection, Library), { name: 'other client', connection });
  connection.emit('reconnecting');
  expect(await reconnectsOf('named later')).toBe(1);
  expect(await reconnectsOf('other client')).toBe(1);
});

test('a client that gets its name before its connection is known counts under this name', async () => {
  const connection = connected();
  const client = instrumentClient(clientOf(connection, Library));
  instrumentClient(client, { name: 'named before' });
  instrumentClient(client, { connection });
  connection.emit('reconnecting');
  expect(await reconnectsOf('named before')).toBe(1);
});

test('a client stays with the connection that it got first', async () => {
  const [first, second] = [connected(), connected()];
  const client = instrumentClient(clientOf(first, Library), {
    name: 'first of two',
    connection: first,
  });
  instrumentClient(client, { connection: second });
  first.emit('reconnecting');
  second.emit('reconnecting');
  expect(await reconnectsOf('first of two')).toBe(1);
});
