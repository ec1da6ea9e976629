import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls, { type ConnectionOptions } from 'node:tls';

import { register } from 'prom-client';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { configureMetrics, resetMetrics } from '../../../src/index';
import { valueOf } from '../../support/value-of';
import { certify, type Certificate } from '../../support/certify';
import { connectionsOf, NONE, protocolErrors } from './connection-counts';
import { PING, REPLY_TO_PING } from './messages';
import { startServer, until, type RunningServer } from './start-server';
import { wrap } from './wires';

let authority: Certificate;
let known: Certificate;
let stranger: Certificate;
beforeAll(async () => {
  [authority, stranger] = await Promise.all([certify('authority'), certify('stranger')]);
  known = await certify('client', authority);
});
beforeEach(resetMetrics);

const failed = () => valueOf(register, 'thrift_server_tls_handshake_errors_total');

/** Resolves when a handshake has failed. */
const failing = ({ server }: RunningServer) => once(server, 'tlsClientError');

describe.each(['tls', 'https'] as const)('over %s', (wire) => {
  const connect = (port: number, options: ConnectionOptions = {}): Socket =>
    tls
      .connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
      .on('error', () => {});

  it.each([
    ['speaks plain text', 'GET / HTTP/1.1\r\n\r\n'],
    ['speaks Thrift in plain text', PING],
    ['leaves silently', ''],
  ])('a client that %s is one failed handshake and not a connection', async (_, text) => {
    const server = await startServer(wire);
    const failure = failing(server);
    const client = net.connect(server.port, '127.0.0.1').on('error', () => {});
    client.end(text);
    await failure;
    expect(await failed()).toBe(1);
    expect(await connectionsOf(wire)).toEqual(NONE);
    expect(await protocolErrors()).toEqual({});
  });

  it('a client without a valid certificate is a failed handshake', async () => {
    const server = await startServer(wire, {
      tls: { ca: authority.cert, requestCert: true, rejectUnauthorized: true },
    });
    for (const identity of [{}, stranger]) {
      const failure = failing(server);
      connect(server.port, identity);
      await failure;
    }
    expect(await failed()).toBe(2);
    expect(await connectionsOf(wire)).toEqual(NONE);

    const client = connect(server.port, known);
    client.write(wrap(wire, PING));
    await until(client, REPLY_TO_PING);
    expect(await failed()).toBe(2);
    expect(await connectionsOf(wire)).toMatchObject({ active: 1, accepted: 1 });
    client.destroy();
  });

  it('a client without a common TLS version is a failed handshake', async () => {
    const server = await startServer(wire, {
      tls: { minVersion: 'TLSv1.3', secureProtocol: undefined } as object,
    });
    const failure = failing(server);
    connect(server.port, { maxVersion: 'TLSv1.2' });
    await failure;
    expect(await failed()).toBe(1);
  });

  it('a client that takes too long is a failed handshake', async () => {
    const server = await startServer(wire, { tls: { handshakeTimeout: 5 } });
    const failure = failing(server);
    const client = net.connect(server.port, '127.0.0.1').on('error', () => {});
    await failure;
    expect(await failed()).toBe(1);
    client.destroy();
  });

  it('failed handshakes are not counted while metrics are disabled', async () => {
    const server = await startServer(wire);
    configureMetrics({ enabled: false });
    const failure = failing(server);
    net
      .connect(server.port, '127.0.0.1')
      .on('error', () => {})
      .end();
    await failure;
    configureMetrics({ enabled: true });
    expect(await failed()).toBe(0);
  });

  it('bytes that a client sends together with its handshake are counted', async () => {
    const server = await startServer(wire);
    const client = connect(server.port);
    // Sent together with the client's last message of the handshake.
    client.write(wrap(wire, PING));
    await until(client, REPLY_TO_PING);
    const { received, sent } = await connectionsOf(wire);
    expect({ received, sent }).toEqual({ received: client.bytesWritten, sent: client.bytesRead });
    client.destroy();
  });
});
