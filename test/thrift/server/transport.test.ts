import type { Socket } from 'node:net';

import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';

import { configureMetrics, resetMetrics } from '../../../src/index';
import { closing } from '../../support/closing';
import { connectionsOf, NONE } from './connection-counts';
import { PING, REPLY_TO_PING } from './messages';
import { startServer, until } from './start-server';
import { isWebSocket, TRANSPORT, UPGRADE, WIRES, wrap, type Wire } from './wires';

beforeEach(resetMetrics);

/** The transport of a web server's connections until they are upgraded. */
const BEFORE_UPGRADE = { ws: 'http', wss: 'https' } as const;

/** The bytes of the client that the connection of this transport must have counted. */
function bytesOf(wire: Wire, client: Socket, handshake: number) {
  const isUpgraded = isWebSocket(wire);
  return {
    received: client.bytesWritten - (isUpgraded ? UPGRADE.length : 0),
    sent: client.bytesRead - (isUpgraded ? handshake : 0),
  };
}

describe.each(WIRES)('over %s', (wire) => {
  const transport = TRANSPORT[wire];

  it('a connection counts from its acceptance until it has closed, with the bytes that its client counts', async () => {
    const server = await startServer(wire);
    expect(await connectionsOf(transport)).toEqual(NONE);

    const accepted = server.nextAccepted();
    const client = await server.connect();
    const peer = await accepted;
    const handshake = client.bytesRead;
    const closed = closing(peer);
    expect(await connectionsOf(transport)).toMatchObject({ active: 1, accepted: 1, closed: {} });

    for (let calls = 0; calls < 3; calls++) {
      client.write(wrap(wire, PING));
      await until(client, REPLY_TO_PING);
    }
    const bytes = bytesOf(wire, client, handshake);
    expect(bytes.received).toBeGreaterThan(3 * PING.length - 1);
    expect(await connectionsOf(transport)).toEqual({
      active: 1,
      accepted: 1,
      closed: {},
      ...bytes,
    });

    client.end();
    await closed;
    const after = bytesOf(wire, client, handshake);
    expect(await connectionsOf(transport)).toEqual({
      active: 0,
      accepted: 1,
      closed: { client: 1 },
      ...after,
    });
  });

  it('the bytes of open and closed connections are added up', async () => {
    const server = await startServer(wire);
    const sum = { received: 0, sent: 0 };
    const add = (client: Socket, handshake: number): void => {
      const { received, sent } = bytesOf(wire, client, handshake);
      sum.received += received;
      sum.sent += sent;
    };
    for (const isLeftOpen of [false, true, false, true]) {
      const accepted = server.nextAccepted();
      const client = await server.connect();
      const closed = closing(await accepted);
      const handshake = client.bytesRead;
      client.write(wrap(wire, PING));
      await until(client, REPLY_TO_PING);
      if (!isLeftOpen) {
        client.end();
        await closed;
      }
      add(client, handshake);
    }
    expect(await connectionsOf(transport)).toEqual({
      active: 2,
      accepted: 4,
      closed: { client: 2 },
      ...sum,
    });
  });

  it('a client that connects and sends nothing is counted', async () => {
    const server = await startServer(wire);
    const accepted = server.nextAccepted();
    const client = await server.connect();
    const closed = closing(await accepted);
    expect(await connectionsOf(transport)).toEqual({ ...NONE, active: 1, accepted: 1 });
    client.end();
    await closed;
    expect(await connectionsOf(transport)).toEqual({
      ...NONE,
      accepted: 1,
      closed: { client: 1 },
    });
  });
});

it.each(['tcp', 'http'] as const)(
  'bytes that wait in the process do not count as sent, so the sum never decreases when a connection over %s is lost',
  async (wire) => {
    const server = await startServer(wire);
    const accepted = server.nextAccepted();
    const client = await server.connect();
    const peer = await accepted;
    client.pause();
    const chunks = 64;
    for (let i = 0; i < chunks; i++) peer.write(Buffer.alloc(2 ** 20));
    expect(peer.bytesWritten).toBe(chunks * 2 ** 20);
    const before = await connectionsOf(wire);
    expect(before.sent).toBeLessThan(peer.bytesWritten);
    const closed = closing(peer);
    client.resetAndDestroy();
    await closed;
    expect((await connectionsOf(wire)).sent).toBeGreaterThanOrEqual(before.sent);
  },
);

describe.each(['ws', 'wss'] as const)('an upgrade over %s', (wire) => {
  it('an upgrade closes the connection of the web server, with its bytes so far, and opens one of websocket', async () => {
    const server = await startServer(wire);
    const client = await server.connect();
    expect(await connectionsOf(BEFORE_UPGRADE[wire])).toEqual({
      active: 0,
      accepted: 1,
      closed: { upgrade: 1 },
      received: UPGRADE.length,
      sent: client.bytesRead,
    });
    expect(await connectionsOf('websocket')).toEqual({ ...NONE, active: 1, accepted: 1 });
  });
});

it('a server that began to listen while metrics were disabled counts its connections under its transport', async () => {
  configureMetrics({ enabled: false });
  onTestFinished(() => configureMetrics({ enabled: true }));
  const server = await startServer('unix');
  configureMetrics({ enabled: true });
  const accepted = server.nextAccepted();
  await server.connect();
  await accepted;
  expect(await connectionsOf('unix')).toMatchObject({ active: 1, accepted: 1 });
});
