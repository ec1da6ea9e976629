import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { currentRuntime } from '../../../../src/runtime/runtime';
import { instrumentLibrary } from '../../../../src/thrift/library/instrument-library';
import { countsOf } from '../client-counts';
import { Answers, Library, loadEs5 } from '../library';
import { thriftLibrary } from '../transports';

const createPool = require('node-thrift-pool');
const es5 = loadEs5();
instrumentLibrary(currentRuntime(), thriftLibrary);

test('calls of node-thrift-pool, which creates a client for each, are counted by outcome', async () => {
  class Cutting extends Answers {
    override count(): void {
      for (const socket of sockets) socket.destroy();
    }
  }
  const server = thriftLibrary.createServer(Library, new Cutting()) as Server;
  const sockets = new Set<Socket>();
  server.on('error', () => {}).on('connection', (socket: Socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const pool = createPool(
    thriftLibrary,
    es5,
    { host: '127.0.0.1', port, max_connections: 4, idle_timeout: 60_000 },
    { timeout: 1000 },
  );
  const call = (method: string, ...args: unknown[]): Promise<unknown> =>
    new Promise((resolve) => {
      pool[method](...args, (error: unknown, result: unknown) => resolve(error ?? result));
    });
  const of = (method: string) => countsOf('Library', method);

  for (let i = 0; i < 20; i++) expect(await call('twice', i)).toBe(2 * i);
  expect(await of('twice')).toMatchObject({ requests: 20, active: 0, succeeded: 20, errors: {} });
  expect(await call('divide', 1, 0)).toMatchObject({ message: 'by zero' });
  expect(await of('divide')).toMatchObject({ errors: { 'application TApplicationException': 1 } });
  expect(await call('find', 7)).toMatchObject({ id: 7 });
  expect(await of('find')).toMatchObject({ errors: { 'declared Missing': 1 } });
  // The handler never answers.
  expect(await call('clear')).toMatchObject({ message: 'Thrift-pool: Connection timeout' });
  expect(await of('clear')).toMatchObject({ active: 0, errors: { 'timeout ETIMEDOUT': 1 } });
  expect(await call('count')).toMatchObject({ message: 'Thrift-pool: Connection closed' });
  expect(await of('count')).toMatchObject({
    active: 0,
    errors: { 'transport ConnectionClosed': 1 },
  });
  expect(await call('twice', 3)).toBe(6);
});
