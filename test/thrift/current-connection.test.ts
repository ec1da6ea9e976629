import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Server, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { describe, expect, it, vi } from 'vitest';

import { currentRuntime } from '../../src/runtime/runtime';
import { instrumentServer } from '../../src/index';
import { currentConnectionOf, type ServerConnection } from '../../src/thrift/current-connection';
import { watchData } from '../../src/thrift/server/input';
import { closing } from '../support/closing';
import { PING, REPLY_TO_PING } from './server/messages';
import { startServer, until } from './server/start-server';
import { post, WIRES, wrap, type Wire } from './server/wires';

type Done = (error: null) => void;

/** A server whose handler records the current connection of each call, and leaves the answer to the test. */
async function start(wire: Wire) {
  const calls: { connection: ServerConnection | null; answer: () => void }[] = [];
  const server = await startServer(wire, {
    handler: {
      ping: (done: Done) =>
        calls.push({
          connection: currentConnectionOf(currentRuntime()).reachProcessor(),
          answer: () => done(null),
        }),
    },
  });
  const connect = async (): Promise<{ client: Socket; peer: Socket }> => {
    const accepted = server.nextAccepted();
    const client = await server.connect();
    return { client, peer: await accepted };
  };
  const next = async (count: number) => {
    while (calls.length < count) await nextTurn();
    return calls[count - 1] as (typeof calls)[number];
  };
  return { server, connect, next };
}

describe.each(WIRES)('over %s', (wire) => {
  it('the current connection is set while Thrift processes input, and open until the client disconnects', async () => {
    const { connect, next } = await start(wire);
    const { client, peer } = await connect();
    client.write(wrap(wire, PING));
    const { connection, answer } = await next(1);
    expect(connection).toMatchObject({ endsWithinMessage: false, isRefused: false });
    expect(connection?.isOpen()).toBe(true);
    expect(currentConnectionOf(currentRuntime()).reachProcessor()).toBeNull();
    const closed = closing(peer);
    client.destroy();
    await closed;
    expect(connection?.isOpen()).toBe(false);
    answer();
  });

  it('each connection has its own current connection', async () => {
    const { connect, next } = await start(wire);
    const [first, second] = [await connect(), await connect()];
    first.client.write(wrap(wire, PING));
    const { connection: one } = await next(1);
    second.client.write(wrap(wire, PING));
    const { connection: other } = await next(2);
    expect(one).not.toBeNull();
    expect(other).not.toBeNull();
    expect(one).not.toBe(other);
    first.client.destroy();
    await closing(first.peer);
    expect([one?.isOpen(), other?.isOpen()]).toEqual([false, true]);
  });

  it('a connection is no longer open once the server has ended it', async () => {
    const { connect, next } = await start(wire);
    const { client, peer } = await connect();
    client.write(wrap(wire, PING));
    const { connection } = await next(1);
    peer.end();
    expect(connection?.isOpen()).toBe(false);
  });
});

describe('over one connection of HTTP', () => {
  it('each HTTP request has its own connection, which is open until the request is answered', async () => {
    const { connect, next } = await start('http');
    const { client } = await connect();
    client.write(post(PING));
    const first = await next(1);
    const answered = until(client, REPLY_TO_PING);
    first.answer();
    expect(first.connection?.isOpen()).toBe(false);
    await answered;
    client.write(post(PING));
    const second = await next(2);
    expect(second.connection).not.toBe(first.connection);
    expect([first.connection?.isOpen(), second.connection?.isOpen()]).toEqual([false, true]);
  });

  it('each of several HTTP requests that arrive together has its own connection', async () => {
    const { connect, next } = await start('http');
    const { client } = await connect();
    client.resume().write(Buffer.concat([post(PING), post(PING)]));
    const second = await next(2);
    const first = await next(1);
    expect(first.connection).not.toBe(second.connection);
    second.answer();
    expect([first.connection?.isOpen(), second.connection?.isOpen()]).toEqual([true, false]);
    first.answer();
  });
});

describe('watching the input of a connection', () => {
  it.each(['http', 'https'] as const)(
    'a request that the server does not read is left unread over %s',
    async (wire) => {
      const readBy = async (prepare: (server: Server) => Server) => {
        const server = await startServer(wire, { prepare });
        const asked = vi.fn();
        server.server.on('request', (request: IncomingMessage) => {
          // Runs before Node.js discards what the answer left unread.
          for (const event of ['newListener', 'resume', 'readable']) {
            request.on(event, (...values: unknown[]) => asked(event, values[0]));
          }
        });
        const client = await server.connect();
        client.write(post(PING, 10_000, '/elsewhere'));
        await until(client, '403');
        return asked.mock.calls;
      };
      expect(await readBy(instrumentServer)).toEqual(await readBy((server) => server));
    },
  );

  it('watching a stream does not start it', () => {
    const stream = new Readable({ read() {} });
    expect(watchData(stream, vi.fn(), vi.fn())).toBe(false);
    expect([stream.listenerCount('data'), stream.readableFlowing]).toEqual([0, null]);
    stream.on('data', () => {}).pause();
    expect(watchData(stream, vi.fn(), vi.fn())).toBe(true);
    expect([stream.listenerCount('data'), stream.readableFlowing]).toEqual([3, false]);
  });

  it('a connection that the program has paused stays paused', async () => {
    const { server, connect, next } = await start('tcp');
    server.server.on('connection', (socket: Socket) => socket.pause());
    const { client, peer } = await connect();
    client.write(PING);
    await nextTurn();
    expect(peer.readableFlowing).toBe(false);
    peer.resume();
    const { connection, answer } = await next(1);
    expect(connection?.isOpen()).toBe(true);
    const answered = until(client, REPLY_TO_PING);
    answer();
    await answered;
  });

  it('there is no current connection after an error listener has thrown', async () => {
    const { server, connect } = await start('tcp');
    const { client, peer } = await connect();
    const thrown = new Error('by a listener');
    server.server.prependListener('error', () => {
      throw thrown;
    });
    const uncaught = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    const caught = once(process, 'uncaughtException');
    try {
      client.write(Buffer.from([0x90, 1, 0, 1]));
      expect((await caught)[0]).toBe(thrown);
    } finally {
      for (const listener of uncaught) process.on('uncaughtException', listener);
    }
    expect(currentConnectionOf(currentRuntime()).reachProcessor()).toBeNull();
    peer.destroy();
  });
});
