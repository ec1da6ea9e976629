import { once } from 'node:events';
import net, { type Server, type Socket } from 'node:net';

import { register } from 'prom-client';
import { beforeEach, describe, expect, it } from 'vitest';

import { configureMetrics, resetMetrics } from '../../../src/index';
import { valueOf } from '../../support/value-of';
import { connectionsOf, NONE } from './connection-counts';
import { startServer } from './start-server';
import { TRANSPORT, WIRES, type Wire } from './wires';

beforeEach(resetMetrics);

const failed = () => valueOf(register, 'thrift_server_accept_errors_total');

/** Does what libuv does when a connection arrives or cannot be accepted. Most such errors cannot be provoked. */
function acceptWith(server: Server, status: number): void {
  const { _handle } = server as Server & { _handle: { onconnection(status: number): void } };
  _handle.onconnection(status);
}

const EMFILE = -24;

describe.each(WIRES)('over %s', (wire: Wire) => {
  it('a connection that cannot be accepted is counted as an accept error', async () => {
    const { server, errors } = await startServer(wire);
    acceptWith(server, EMFILE);
    expect(errors).toMatchObject([{ syscall: 'accept', code: 'EMFILE' }]);
    expect(await failed()).toBe(1);
    expect(await connectionsOf(TRANSPORT[wire])).toEqual(NONE);
  });
});

describe.each(['tcp', 'tls', 'http', 'https'] as const)('over %s', (wire) => {
  it('a connection that the server drops at maxConnections is counted as an accept error', async () => {
    const server = await startServer(wire);
    server.server.maxConnections = 1;
    await server.connect();
    for (let dropped = 1; dropped <= 2; dropped++) {
      const drop = once(server.server, 'drop');
      const client: Socket = net.connect(server.port, '127.0.0.1').on('error', () => {});
      await drop;
      expect(await failed()).toBe(dropped);
      client.destroy();
    }
    expect(await connectionsOf(TRANSPORT[wire])).toMatchObject({ active: 1, accepted: 1 });
    expect(server.errors).toEqual([]);
  });
});

it('a server that cannot listen is not counted as an accept error', async () => {
  const { port } = await startServer('tcp');
  const other = await startServer('tcp');
  other.server.close();
  await once(other.server, 'close');
  const failure = once(other.server, 'error');
  other.server.listen(port, '127.0.0.1');
  expect(await failure).toMatchObject([{ code: 'EADDRINUSE' }]);
  expect(await failed()).toBe(0);
});

it('accept errors are not counted while metrics are disabled', async () => {
  const { server } = await startServer('tcp');
  configureMetrics({ enabled: false });
  acceptWith(server, EMFILE);
  configureMetrics({ enabled: true });
  expect(await failed()).toBe(0);
});
