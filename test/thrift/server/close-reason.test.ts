import { once } from 'node:events';
import net, { type Server, type Socket } from 'node:net';
import tls from 'node:tls';

import { beforeEach, describe, expect, it } from 'vitest';

import { resetMetrics } from '../../../src/index';
import { closing } from '../../support/closing';
import { connectionsOf } from './connection-counts';
import { PING, REPLY_TO_PING } from './messages';
import { startServer, until, type RunningServer } from './start-server';
import { post, TRANSPORT, WIRES, wrap, type Wire } from './wires';

beforeEach(resetMetrics);

async function pair(server: RunningServer): Promise<{ client: Socket; peer: Socket }> {
  const accepted = server.nextAccepted();
  const client = await server.connect();
  return { client, peer: await accepted };
}

/** The reason that is counted for the connection that an action closes. */
async function reasonOf(wire: Wire, action: (ends: { client: Socket; peer: Socket }) => unknown) {
  const ends = await pair(await startServer(wire));
  const closed = closing(ends.peer);
  await action(ends);
  await closed;
  const { active, closed: reasons } = await connectionsOf(TRANSPORT[wire]);
  expect(active).toBe(0);
  return reasons;
}

describe.each(WIRES)('the close reason of a connection over %s', (wire) => {
  it('the close reason is "client" when the client ends the connection', async () => {
    const reasons = await reasonOf(wire, async ({ client }) => {
      client.write(wrap(wire, PING));
      await until(client, REPLY_TO_PING);
      client.end();
    });
    expect(reasons).toEqual({ client: 1 });
  });

  it('the close reason is "server" when the server ends the connection and the client follows', async () => {
    const reasons = await reasonOf(wire, async ({ client, peer }) => {
      client.resume();
      const ended = once(client, 'end');
      peer.end();
      await ended;
      client.end();
    });
    expect(reasons).toEqual({ server: 1 });
  });

  it('the close reason is "server" when the server destroys the connection', async () => {
    expect(await reasonOf(wire, ({ peer }) => peer.destroy())).toEqual({ server: 1 });
  });

  it('the close reason is "error" when the connection fails in another way', async () => {
    const reasons = await reasonOf(wire, ({ peer }) => {
      peer.on('error', () => {});
      peer.destroy(new Error('broken'));
    });
    expect(reasons).toEqual({ error: 1 });
  });

  it('the close reason is "timeout" when the server ends a connection that was idle for too long', async () => {
    const reasons = await reasonOf(wire, ({ peer }) => {
      peer.setTimeout(5, () => peer.end());
    });
    expect(reasons).toEqual({ timeout: 1 });
  });

  it('the close reason is "timeout" when the network gives up', async () => {
    const reasons = await reasonOf(wire, ({ peer }) => {
      peer.on('error', () => {});
      peer.destroy(Object.assign(new Error('read ETIMEDOUT'), { code: 'ETIMEDOUT' }));
    });
    expect(reasons).toEqual({ timeout: 1 });
  });

  it('the close reason is not "timeout" when an idle connection has received data again', async () => {
    const reasons = await reasonOf(wire, async ({ client, peer }) => {
      // The listener of the HTTP server would destroy the connection.
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
  it.each(['tcp', 'http', 'ws'] as const)(
    'the close reason is "reset" when a client resets the connection over %s',
    async (wire) => {
      const reasons = await reasonOf(wire, ({ client }) => client.resetAndDestroy());
      expect(reasons).toEqual({ reset: 1 });
    },
  );

  it.each(['tls', 'https'] as const)(
    'the close reason is "reset" when a client resets the connection over %s',
    async (wire) => {
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
    },
  );

  it('the close reason is "reset" when a client over unix leaves without reading', async () => {
    const reasons = await reasonOf('unix', async ({ client, peer }) => {
      client.pause();
      await new Promise((resolve) => peer.write('unread', resolve));
      client.destroy();
    });
    expect(reasons).toEqual({ reset: 1 });
  });
});

describe('the close reason of a connection over HTTP', () => {
  it('the close reason is "timeout" when a kept-alive connection is not used again', async () => {
    const server = await startServer('http');
    (server.server as Server & { keepAliveTimeout: number }).keepAliveTimeout = 1;
    const { client, peer } = await pair(server);
    const closed = closing(peer);
    client.write(post(PING));
    await closed;
    expect((await connectionsOf('http')).closed).toEqual({ timeout: 1 });
  });

  it('the close reason is "server" when the client asked for a single answer', async () => {
    const reasons = await reasonOf('http', ({ client }) => {
      client.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    });
    expect(reasons).toEqual({ server: 1 });
  });

  it('the close reason is "timeout" when Node.js reports that a request took too long', async () => {
    const reasons = await reasonOf('http', ({ peer }) => {
      const error = new Error('Request timeout');
      peer.destroy(Object.assign(error, { code: 'ERR_HTTP_REQUEST_TIMEOUT' }));
    });
    expect(reasons).toEqual({ timeout: 1 });
  });

  it('the close reason is "error" when Node.js cannot parse the input as HTTP', async () => {
    const reasons = await reasonOf('http', ({ client }) => client.write('\x16\x03\x01'));
    expect(reasons).toEqual({ error: 1 });
  });
});

describe('the close reason of a Thrift connection', () => {
  it('the close reason is "server" when Thrift refuses the input', async () => {
    const reasons = await reasonOf('tcp', ({ client }) => client.write(Buffer.alloc(4, 0xff)));
    expect(reasons).toEqual({ server: 1 });
  });

  it('the close reason is "client" when a reply comes after the client has ended the connection', async () => {
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
