import { once } from 'node:events';
import net, { type Socket } from 'node:net';
import tls, { type ConnectionOptions } from 'node:tls';

import { register } from 'prom-client';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { configureMetrics, resetMetrics } from '../../src/index';
import { valueOf } from '../support/value-of';
import { certify, type Certificate } from '../support/certify';
import { connectionsOf, NONE, protocolErrors } from './connections-of';
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

/** Resolves when a handshake has failed, with what the server emits then. */
const failing = ({ server }: RunningServer) => once(server, 'tlsClientError');

describe.each(['tls', 'https'] as const)('over %s', (wire) => {
  const connect = (port: number, options: ConnectionOptions = {}): Socket =>
    tls
      .connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
      .on('error', () => {});

  it.each([
    ['speaks plain text', 'GET / HTTP/1.1\r\n\r\n'],
    ['speaks Thrift in plain text', PING],
    ['goes without a word', ''],
  ])('counts a client that %s as one failed handshake, and as no connection', async (_, text) => {
    const server = await startServer(wire);
    const failure = failing(server);
    const client = net.connect(server.port, '127.0.0.1').on('error', () => {});
    client.end(text);
    await failure;
    expect(await failed()).toBe(1);
    expect(await connectionsOf(wire)).toEqual(NONE);
    expect(await protocolErrors()).toEqual({});
  });

  it('counts a client whose certificate is not the right one', async () => {
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

  it('counts a client that has no version of TLS in common', async () => {
    const server = await startServer(wire, {
      tls: { minVersion: 'TLSv1.3', secureProtocol: undefined } as object,
    });
    const failure = failing(server);
    connect(server.port, { maxVersion: 'TLSv1.2' });
    await failure;
    expect(await failed()).toBe(1);
  });

  it('counts a client that takes too long', async () => {
    const server = await startServer(wire, { tls: { handshakeTimeout: 5 } });
    const failure = failing(server);
    const client = net.connect(server.port, '127.0.0.1').on('error', () => {});
    await failure;
    expect(await failed()).toBe(1);
    client.destroy();
  });

  it('counts none while metrics are disabled', async () => {
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

  it('counts the bytes of a client that begins to speak with its handshake', async () => {
    const server = await startServer(wire);
    const client = connect(server.port);
    // Goes out with the client's last word of the handshake.
    client.write(wrap(wire, PING));
    await until(client, REPLY_TO_PING);
    const { received, sent } = await connectionsOf(wire);
    expect({ received, sent }).toEqual({ received: client.bytesWritten, sent: client.bytesRead });
    client.destroy();
  });
});
