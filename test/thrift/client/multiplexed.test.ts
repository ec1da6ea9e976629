import type { Server } from 'node:net';
import { once } from 'node:events';

import { expect, onTestFinished, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { ACTIVE, countsOf, failedWith, queueOf, reconnectsOf, SUCCEEDED } from './client-counts';
import { Answers, Library, Shelf, type AnyClient } from './library';
import { closeAfterTest, thriftLibrary, type AnyConnection } from './transports';

/** One server with both services, and one connection with a client of each service. */
async function startBoth(): Promise<{
  handler: Answers;
  connection: AnyConnection;
  library: AnyClient;
  shelf: AnyClient;
  kill(): void;
}> {
  const handler = new Answers();
  const processor = new thriftLibrary.MultiplexedProcessor();
  for (const [name, service] of Object.entries({ Library, Shelf })) {
    const { Processor } = service as unknown as { Processor: new (handler: object) => object };
    processor.registerProcessor(name, new Processor(handler));
  }
  const server = thriftLibrary.createMultiplexServer(processor) as Server;
  const kill = (): void => {
    for (const socket of sockets) socket.destroy();
    server.close();
  };
  const sockets: { destroy(): void }[] = [];
  server.on('connection', (socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(kill);
  const { port } = server.address() as { port: number };
  const connection = closeAfterTest(thriftLibrary.createConnection('127.0.0.1', port, {}));
  const multiplexer = new thriftLibrary.Multiplexer();
  return {
    handler,
    connection,
    library: multiplexer.createClient('Library', Library, connection),
    shelf: multiplexer.createClient('Shelf', Shelf, connection),
    kill,
  };
}

test('clients that share a connection are each measured under their own service', async () => {
  const { library, shelf } = await startBoth();
  instrumentClient(library, { name: 'both' });
  instrumentClient(shelf, { name: 'both' });
  expect(await queueOf('both')).toBe(0);
  const calls = [library.twice?.(2), shelf.find?.(7).catch(() => 'missing')];
  expect(await queueOf('both')).toBe(2);
  expect(await Promise.all(calls)).toEqual([4, 'missing']);
  expect(await queueOf('both')).toBe(0);
  expect(await countsOf('both', 'twice', 'Library')).toEqual(SUCCEEDED);
  expect(await countsOf('both', 'find', 'Shelf')).toEqual(failedWith('declared Missing'));
});

test('queued calls are counted for the client that made them', async () => {
  const { library, shelf, connection } = await startBoth();
  instrumentClient(library, { name: 'first', connection });
  instrumentClient(shelf, { name: 'second' });
  const calls = [library.ping?.(), library.ping?.(), shelf.find?.(7).catch(() => {})];
  expect([await queueOf('first'), await queueOf('second')]).toEqual([2, 1]);
  await Promise.all(calls);
  expect([await queueOf('first'), await queueOf('second')]).toEqual([0, 0]);
});

test('when a connection ends, the calls of all its clients fail', async () => {
  const { handler, library, shelf, connection, kill } = await startBoth();
  instrumentClient(library, { name: 'ended' });
  instrumentClient(shelf, { name: 'ended' });
  const arrival = handler.arrival();
  void library.clamp?.(1, 2, 3);
  void shelf.clear?.().catch(() => {});
  await arrival;
  expect(await countsOf('ended', 'clamp', 'Library')).toEqual(ACTIVE);
  const closed = new Promise((resolve) => void connection.once('close', resolve));
  kill();
  await closed;
  expect(await countsOf('ended', 'clamp', 'Library')).toEqual(
    failedWith('transport ConnectionClosed'),
  );
  expect(await countsOf('ended', 'clear', 'Shelf')).toEqual(
    failedWith('transport ConnectionClosed'),
  );
});

test('a reconnection attempt counts once when two clients share a name', async () => {
  const { library, shelf, connection, kill } = await startBoth();
  kill();
  connection.max_attempts = 1;
  connection.on('error', () => {});
  instrumentClient(library, { name: 'again', connection });
  instrumentClient(shelf, { name: 'again', connection });
  await new Promise((resolve) => void connection.once('close', resolve));
  expect(await reconnectsOf('again')).toBe(1);
});

test('clients that a multiplexer creates for each call are measured', async () => {
  const { connection } = await startBoth();
  const call = async (number: number): Promise<unknown> => {
    const multiplexer = new thriftLibrary.Multiplexer();
    const client = multiplexer.createClient('Library', Library, connection) as AnyClient;
    return instrumentClient(client, { name: 'multiplexed pool' }).twice?.(number);
  };
  for (let i = 0; i < 5; i++) expect(await call(i)).toBe(2 * i);
  expect(await countsOf('multiplexed pool', 'twice')).toMatchObject({
    requests: 5,
    active: 0,
    succeeded: 5,
    failed: 0,
  });
  expect(await queueOf('multiplexed pool')).toBe(0);
});
