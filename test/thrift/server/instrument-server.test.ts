import { EventEmitter, once } from 'node:events';
import net, { type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { configureMetrics, instrumentServer, resetMetrics } from '../../../src/index';
import { closing } from '../../support/closing';
import { errorOf } from '../../support/error-of';
import { connectionsOf, NONE } from './connection-counts';
import { PING, REPLY_TO_PING } from './messages';
import { startServer, until } from './start-server';
import { isEncrypted, TRANSPORT, UPGRADE, WIRES, wrap } from './wires';

beforeEach(resetMetrics);

const bare = (server: Server): Server => server;

describe('instrumentServer', () => {
  it.each([undefined, null, 'server', {}, new EventEmitter(), new net.Socket(), net.Server])(
    'instrumentServer refuses a value that is not a server (%#)',
    (value) => {
      const { code, message } = errorOf(() => instrumentServer(value as never));
      expect(code).toBe('TM_ERR_OPTION_INVALID');
      expect(message).toContain('thrift.createServer');
    },
  );

  it.each(WIRES)('instrumentServer returns the same server, over %s', async (wire) => {
    let returned: Server | undefined;
    const { server } = await startServer(wire, {
      prepare: (given) => (returned = instrumentServer(given)),
    });
    expect(returned).toBe(server);
  });

  it.each(WIRES)(
    'instrumentServer adds no listener and no visible property, over %s',
    async (wire) => {
      let before: unknown;
      const portrait = (server: Server) => ({
        keys: Object.keys(server),
        emit: [server.emit.name, server.emit.length],
        listeners: server.eventNames().map((name) => [name, server.rawListeners(name)]),
        maxListeners: server.getMaxListeners(),
      });
      await startServer(wire, {
        prepare(server) {
          before = portrait(server);
          instrumentServer(server);
          expect(portrait(server)).toEqual(before);
          return server;
        },
      });
      expect(before).toBeDefined();
    },
  );

  it('a server that is instrumented twice, even by another copy of the package, counts once', async () => {
    vi.resetModules();
    const copy = await vi.importActual<typeof import('../../../src/index')>('../../../src/index');
    expect(copy.instrumentServer).not.toBe(instrumentServer);
    const server = await startServer('tcp', {
      prepare: (given) => copy.instrumentServer(instrumentServer(instrumentServer(given))),
    });
    const accepted = server.nextAccepted();
    const client = await server.connect();
    const peer = await accepted;
    client.write(PING);
    await until(client, REPLY_TO_PING);
    expect(await connectionsOf('tcp')).toEqual({
      active: 1,
      accepted: 1,
      closed: {},
      received: PING.length,
      sent: REPLY_TO_PING.length,
    });
    const closed = closing(peer);
    client.end();
    await closed;
    expect(await connectionsOf('tcp')).toMatchObject({ active: 0, closed: { client: 1 } });
  });

  it('the connections of all servers of a transport are added up', async () => {
    const servers = [await startServer('tcp'), await startServer('tcp')];
    for (const { connect, nextAccepted } of servers) {
      const accepted = nextAccepted();
      const client = await connect();
      await accepted;
      client.write(PING);
      await until(client, REPLY_TO_PING);
    }
    expect(await connectionsOf('tcp')).toEqual({
      active: 2,
      accepted: 2,
      closed: {},
      received: 2 * PING.length,
      sent: 2 * REPLY_TO_PING.length,
    });
  });
});

describe('emit of an instrumented server', () => {
  it('emit of an instrumented server passes on arguments, receiver and result', () => {
    const server = instrumentServer(net.createServer());
    const heard: unknown[] = [];
    server.on('custom', function (this: unknown, ...values) {
      heard.push(this, ...values);
    });
    expect(server.emit('custom', 1, 2, 3, 4)).toBe(true);
    expect(heard).toEqual([server, 1, 2, 3, 4]);
    expect(server.emit('unheard')).toBe(false);
  });

  it('emit of an instrumented server throws the same error if there is no error listener', () => {
    const server = instrumentServer(net.createServer());
    const error = new Error('unheard');
    expect(() => server.emit('error', error)).toThrow(error);
    server.on('error', () => {});
    expect(server.emit('error', error)).toBe(true);
  });

  it('emit of an instrumented server calls the original emit, and one patched on the prototype later', () => {
    const own = net.createServer();
    const emit = vi.fn(() => true);
    own.emit = emit;
    instrumentServer(own).emit('custom', 1);
    expect(emit.mock.calls).toEqual([['custom', 1]]);

    const other = instrumentServer(net.createServer());
    const patched = vi.spyOn(net.Server.prototype, 'emit');
    other.emit('custom', 2);
    expect(patched.mock.calls).toEqual([['custom', 2]]);
    patched.mockRestore();
  });
});

describe('a server with connections when it is instrumented', () => {
  it.each(['tcp', 'unix', 'http', 'ws'] as const)(
    'connections that exist when the server is instrumented are counted from then on, over %s',
    async (wire) => {
      const server = await startServer(wire, { prepare: bare });
      const accepted = server.nextAccepted();
      const client = await server.connect();
      const peer = await accepted;
      client.write(wrap(wire, PING));
      await until(client, REPLY_TO_PING);

      instrumentServer(server.server);
      expect(await connectionsOf(TRANSPORT[wire])).toEqual({ ...NONE, active: 1, accepted: 1 });
      const before = client.bytesRead;
      client.write(wrap(wire, PING));
      await until(client, REPLY_TO_PING);
      const bytes = { received: wrap(wire, PING).length, sent: client.bytesRead - before };
      expect(await connectionsOf(TRANSPORT[wire])).toMatchObject(bytes);
      const closed = closing(peer);
      client.end();
      await closed;
      expect(await connectionsOf(TRANSPORT[wire])).toMatchObject({
        active: 0,
        closed: { client: 1 },
      });
    },
  );

  it('an existing HTTPS connection is counted from its next request', async () => {
    const server = await startServer('https', { prepare: bare });
    const client = await server.connect();
    client.write(wrap('https', PING));
    await until(client, REPLY_TO_PING);
    instrumentServer(server.server);
    expect(await connectionsOf('https')).toEqual(NONE);
    client.write(wrap('https', PING));
    await until(client, REPLY_TO_PING);
    expect(await connectionsOf('https')).toMatchObject({ active: 1, accepted: 1 });
  });

  it('an existing TLS connection is not counted, because it cannot be reached', async () => {
    const server = await startServer('tls', { prepare: bare });
    const accepted = server.nextAccepted();
    const client = await server.connect();
    const closed = closing(await accepted);
    instrumentServer(server.server);
    client.end();
    await closed;
    expect(await connectionsOf('tls')).toEqual(NONE);
  });

  it('an existing connection that its client has ended closes with the reason "client"', async () => {
    const server = await startServer('ws', { prepare: bare });
    const accepted = server.nextAccepted();
    const client = await server.connect();
    const peer = await accepted;
    // Without help from the program, Thrift leaves its end of a WebSocket open.
    peer.removeAllListeners('end');
    const ended = once(peer, 'end');
    client.end();
    await ended;
    instrumentServer(server.server);
    expect(await connectionsOf('websocket')).toMatchObject({ active: 1 });
    const closed = closing(peer);
    peer.end();
    await closed;
    expect(await connectionsOf('websocket')).toMatchObject({ active: 0, closed: { client: 1 } });
  });

  it('existing connections of another server are not counted', async () => {
    const other = await startServer('tcp', { prepare: bare });
    const accepted = other.nextAccepted();
    await other.connect();
    await accepted;
    const { server } = await startServer('tcp', { prepare: bare });
    instrumentServer(server);
    expect(await connectionsOf('tcp')).toEqual(NONE);
  });
});

describe('resetMetrics', () => {
  it.each(WIRES)(
    'resetMetrics sets all counts to 0, and open connections count from then on, over %s',
    async (wire) => {
      const server = await startServer(wire);
      const accepted = server.nextAccepted();
      const client = await server.connect();
      const peer = await accepted;
      client.write(wrap(wire, PING));
      await until(client, REPLY_TO_PING);
      const closedBefore = server.nextAccepted();
      const gone = await server.connect();
      const goneClosed = closing(await closedBefore);
      gone.end();
      await goneClosed;

      resetMetrics();
      expect(await connectionsOf(TRANSPORT[wire])).toEqual(NONE);
      const before = client.bytesRead;
      client.write(wrap(wire, PING));
      await until(client, REPLY_TO_PING);
      const closed = closing(peer);
      client.end();
      await closed;
      expect(await connectionsOf(TRANSPORT[wire])).toMatchObject({
        active: 0,
        accepted: 0,
        closed: { client: 1 },
        ...(!isEncrypted(wire) && {
          received: wrap(wire, PING).length,
          sent: client.bytesRead - before,
        }),
      });
    },
  );
});

describe('disabled metrics', () => {
  afterEach(() => configureMetrics({ enabled: true }));

  it('connections opened while metrics are disabled stay uncounted', async () => {
    const server = await startServer('tcp');
    configureMetrics({ enabled: false });
    const accepted = server.nextAccepted();
    const client = await server.connect();
    const closed = closing(await accepted);
    client.write(PING);
    await until(client, REPLY_TO_PING);
    configureMetrics({ enabled: true });
    client.end();
    await closed;
    expect(await connectionsOf('tcp')).toEqual(NONE);
  });

  it('connections counted before metrics are disabled are counted to their end', async () => {
    const server = await startServer('tcp');
    const accepted = server.nextAccepted();
    const client = await server.connect();
    const closed = closing(await accepted);
    configureMetrics({ enabled: false });
    client.write(PING);
    await until(client, REPLY_TO_PING);
    client.end();
    await closed;
    expect(await connectionsOf('tcp')).toEqual({
      active: 0,
      accepted: 1,
      closed: { client: 1 },
      received: PING.length,
      sent: REPLY_TO_PING.length,
    });
  });

  it('connections of a server that is instrumented while metrics are disabled are not counted', async () => {
    configureMetrics({ enabled: false });
    const server = await startServer('tcp', { prepare: bare });
    const accepted = server.nextAccepted();
    await server.connect();
    await accepted;
    instrumentServer(server.server);
    configureMetrics({ enabled: true });
    expect(await connectionsOf('tcp')).toEqual(NONE);
  });

  it('an HTTP connection counts from its first request after metrics are enabled', async () => {
    const server = await startServer('http');
    configureMetrics({ enabled: false });
    const client = await server.connect();
    client.write(wrap('http', PING));
    await until(client, REPLY_TO_PING);
    configureMetrics({ enabled: true });
    expect(await connectionsOf('http')).toEqual(NONE);
    client.write(wrap('http', PING));
    await until(client, REPLY_TO_PING);
    expect(await connectionsOf('http')).toMatchObject({ active: 1, accepted: 1 });
  });
});

describe('a connection that the program hands to the server', () => {
  it('a connection handed to a server that does not listen is counted like any other', async () => {
    const server = await startServer('tcp', { prepare: bare });
    server.server.close();
    await once(server.server, 'close');
    instrumentServer(server.server);
    const front = net.createServer((socket) => void server.server.emit('connection', socket));
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    const accepted = server.nextAccepted();
    const client = net.connect((front.address() as net.AddressInfo).port, '127.0.0.1');
    const closed = closing(await accepted);
    client.write(PING);
    await until(client, REPLY_TO_PING);
    client.end();
    await closed;
    front.close();
    expect(await connectionsOf('tcp')).toEqual({
      active: 0,
      accepted: 1,
      closed: { client: 1 },
      received: PING.length,
      sent: REPLY_TO_PING.length,
    });
  });

  it('a stream that does not count bytes is counted as a connection without bytes', async () => {
    const server = await startServer('http');
    const written: Buffer[] = [];
    const stream = new Duplex({
      read() {},
      write(chunk: Buffer, _, done) {
        written.push(Buffer.from(chunk));
        done();
      },
    });
    server.server.emit('connection', stream as Socket);
    stream.push('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    await once(stream, 'finish');
    expect(Buffer.concat(written).toString()).toContain('404');
    expect(await connectionsOf('http')).toMatchObject({ accepted: 1, received: 0, sent: 0 });
  });

  it('a connection event without a socket is reported as a fault and has the same outcome as before', () => {
    const faults: unknown[] = [];
    configureMetrics({ onError: (_, site) => faults.push(site) });
    const outcome = (server: Server): unknown => {
      try {
        return server.emit('connection', undefined as never);
      } catch (error) {
        return String(error);
      }
    };
    const plain = net.createServer((socket) => socket.resume());
    const instrumented = instrumentServer(net.createServer((socket) => socket.resume()));
    expect(outcome(instrumented)).toEqual(outcome(plain));
    expect(faults).toEqual(['server']);
  });
});

it('a connection whose upgrade is refused counts as an HTTP connection', async () => {
  const server = await startServer('http');
  const [listener] = server.server.listeners('upgrade');
  server.server.off('upgrade', listener as () => void);
  server.server.on('upgrade', (_, socket: Socket) => socket.destroy());
  const accepted = server.nextAccepted();
  const client = await server.connect();
  const closed = closing(await accepted);
  client.write(UPGRADE);
  await closed;
  expect(await connectionsOf('http')).toMatchObject({ active: 0, closed: { server: 1 } });
  expect(await connectionsOf('websocket')).toEqual(NONE);
});
