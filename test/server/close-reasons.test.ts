import { once } from 'node:events';
import net, { type Server, type Socket } from 'node:net';
import tls from 'node:tls';

import { beforeEach, describe, expect, it } from 'vitest';

import { resetMetrics } from '../../src/index';
import { closing } from '../support/closing';
import { connectionsOf } from './connections-of';
import { PING, REPLY_TO_PING } from './messages';
import { startServer, until, type RunningServer } from './start-server';
import { post, TRANSPORT, WIRES, wrap, type Wire } from './wires';

beforeEach(resetMetrics);

async function pair(server: RunningServer): Promise<{ client: Socket; peer: Socket }> {
  const accepted = server.nextAccepted();
  const client = await server.connect();
  return { client, peer: await accepted };
}

/** Why the one connection closed that an action closes. */
async function reasonOf(wire: Wire, action: (ends: { client: Socket; peer: Socket }) => unknown) {
  const ends = await pair(await startServer(wire));
  const closed = closing(ends.peer);
  await action(ends);
  await closed;
  const { active, closed: reasons } = await connectionsOf(TRANSPORT[wire]);
  expect(active).toBe(0);
  return reasons;
}

describe.each(WIRES)('why a connection over %s is closed', (wire) => {
  it('is "client" when the client ends it', async () => {
    const reasons = await reasonOf(wire, async ({ client }) => {
      client.write(wrap(wire, PING));
      await until(client, REPLY_TO_PING);
      client.end();
    });
    expect(reasons).toEqual({ client: 1 });
  });

  it('is "server" when the server ends it and the client follows', async () => {
    const reasons = await reasonOf(wire, async ({ client, peer }) => {
      client.resume();
      const ended = once(client, 'end');
      peer.end();
      await ended;
      client.end();
    });
    expect(reasons).toEqual({ server: 1 });
  });

  it('is "server" when the server destroys it', async () => {
    expect(await reasonOf(wire, ({ peer }) => peer.destroy())).toEqual({ server: 1 });
  });

  it('is "error" when it fails otherwise', async () => {
    const reasons = await reasonOf(wire, ({ peer }) => {
      peer.on('error', () => {});
      peer.destroy(new Error('broken'));
    });
    expect(reasons).toEqual({ error: 1 });
  });

  it('is "timeout" when the server ends a connection that has been idle for too long', async () => {
    const reasons = await reasonOf(wire, ({ peer }) => {
      peer.setTimeout(5, () => peer.end());
    });
    expect(reasons).toEqual({ timeout: 1 });
  });

  it('is "timeout" when the network has given up', async () => {
    const reasons = await reasonOf(wire, ({ peer }) => {
      peer.on('error', () => {});
      peer.destroy(Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT' }));
    });
    expect(reasons).toEqual({ timeout: 1 });
  });

  it('is not "timeout" when something came after the connection had been idle', async () => {
    const reasons = await reasonOf(wire, async ({ client, peer }) => {
      // The HTTP server's own listener destroys it.
      peer.removeAllListeners('timeout').setTimeout(5);
      await once(peer, 'timeout');
      peer.setTimeout(0);
      client.write(wrap(wire, PING));
      await until(client, REPLY_TO_PING);
      peer.destroy();
    });
    expect(reasons).toEqual({ server: 1 });
  });
});

describe('a connection that is reset', () => {
  it.each(['tcp', 'http', 'ws'] as const)('is closed by "reset" over %s', async (wire) => {
    const reasons = await reasonOf(wire, ({ client }) => client.resetAndDestroy());
    expect(reasons).toEqual({ reset: 1 });
  });

  it.each(['tls', 'https'] as const)('is closed by "reset" over %s', async (wire) => {
    const server = await startServer(wire);
    const accepted = server.nextAccepted();
    const raw = net.connect(server.port, '127.0.0.1');
    const client = tls.connect({ socket: raw, rejectUnauthorized: false });
    client.on('error', () => {});
    const peer = await accepted;
    const closed = closing(peer);
    client.write(wrap(wire, PING));
    await until(client, REPLY_TO_PING);
    raw.resetAndDestroy();
    await closed;
    expect((await connectionsOf(TRANSPORT[wire])).closed).toEqual({ reset: 1 });
  });

  it('is closed by "reset" over unix, where a client goes without having read', async () => {
    const reasons = await reasonOf('unix', async ({ client, peer }) => {
      client.pause();
      await new Promise((resolve) => peer.write('unread', resolve));
      client.destroy();
    });
    expect(reasons).toEqual({ reset: 1 });
  });
});

describe('why a connection over HTTP is closed', () => {
  it('is "timeout" when a connection is kept alive for nothing', async () => {
    const server = await startServer('http');
    (server.server as Server & { keepAliveTimeout: number }).keepAliveTimeout = 1;
    const { client, peer } = await pair(server);
    const closed = closing(peer);
    client.write(post(PING));
    await closed;
    expect((await connectionsOf('http')).closed).toEqual({ timeout: 1 });
  });

  it('is "server" when the client asked for one answer only', async () => {
    const reasons = await reasonOf('http', ({ client }) => {
      client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    });
    expect(reasons).toEqual({ server: 1 });
  });

  it('is "timeout" when Node.js says that a request took too long', async () => {
    const reasons = await reasonOf('http', ({ peer }) => {
      const error = new Error('Request timeout');
      peer.destroy(Object.assign(error, { code: 'ERR_HTTP_REQUEST_TIMEOUT' }));
    });
    expect(reasons).toEqual({ timeout: 1 });
  });

  it('is "error" when Node.js cannot read what came as HTTP', async () => {
    const reasons = await reasonOf('http', ({ client }) => client.write('\x16\x03\x01'));
    expect(reasons).toEqual({ error: 1 });
  });
});

describe('why a connection of Thrift is closed', () => {
  it('is "server" when Thrift refuses what came', async () => {
    const reasons = await reasonOf('tcp', ({ client }) => client.write(Buffer.alloc(4, 0xff)));
    expect(reasons).toEqual({ server: 1 });
  });

  it('is "client" when a reply comes too late for a client that has ended', async () => {
    let answer!: () => void;
    const handler = { ping: (done: (error: null) => void) => (answer = () => done(null)) };
    const server = await startServer('tcp', { handler });
    const { client, peer } = await pair(server);
    const closed = closing(peer);
    const ended = once(peer, 'end');
    client.end(PING);
    await ended;
    answer();
    await closed;
    expect((await connectionsOf('tcp')).closed).toEqual({ client: 1 });
  });
});
