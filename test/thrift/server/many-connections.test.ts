import { once } from 'node:events';
import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { register } from 'prom-client';
import { beforeEach, expect, it } from 'vitest';

import { resetMetrics } from '../../../src/index';
import { closing } from '../../support/closing';
import { samplesOf } from '../../support/value-of';
import { connectionsOf, protocolErrors } from './connection-counts';
import { PING, REPLY_TO_PING } from './messages';
import { startServer, until } from './start-server';
import { TRANSPORT, wrap } from './wires';

beforeEach(resetMetrics);

const MANY = 1000;

const series = async (): Promise<number> => (await samplesOf(register)).length;

it.each(['tcp', 'http'] as const)(
  '1,000 connections over %s that open at once and are reset are all counted',
  async (wire) => {
    const server = await startServer(wire);
    const before = await series();
    const clients = await Promise.all(Array.from({ length: MANY }, () => server.connect()));
    while (server.accepted.length < MANY) await once(server.server, 'connection');
    expect(await connectionsOf(TRANSPORT[wire])).toMatchObject({ active: MANY, accepted: MANY });
    const closings = server.accepted.map(closing);
    for (const client of clients) client.resetAndDestroy();
    await Promise.all(closings);
    expect(await connectionsOf(TRANSPORT[wire])).toEqual({
      active: 0,
      accepted: MANY,
      closed: { reset: MANY },
      received: 0,
      sent: 0,
    });
    expect(await protocolErrors()).toEqual({});
    expect(await series()).toBe(before);
  },
);

it('the bytes of 1,000 calls on separate connections are counted', async () => {
  const server = await startServer('tcp');
  const closings: Promise<void>[] = [];
  server.server.on('connection', (socket: Socket) => closings.push(closing(socket)));
  for (let batch = 0; batch < MANY; batch += 100) {
    await Promise.all(
      Array.from({ length: 100 }, async () => {
        const client = await server.connect();
        client.write(wrap('tcp', PING));
        await until(client, REPLY_TO_PING);
        client.end();
      }),
    );
  }
  await Promise.all(closings);
  expect(await connectionsOf('tcp')).toEqual({
    active: 0,
    accepted: MANY,
    closed: { client: MANY },
    received: MANY * PING.length,
    sent: MANY * REPLY_TO_PING.length,
  });
});

it.each(['tcp', 'http', 'ws'] as const)(
  'closed connections over %s are not kept in memory',
  async (wire) => {
    const server = await startServer(wire);
    const peers: WeakRef<Socket>[] = [];
    const closings: Promise<void>[] = [];
    server.server.on('connection', (socket: Socket) => {
      peers.push(new WeakRef(socket));
      closings.push(closing(socket));
    });
    const open = async (): Promise<void> => {
      const client = await server.connect();
      client.write(wrap(wire, PING));
      await until(client, REPLY_TO_PING);
      client.end();
    };
    await Promise.all(Array.from({ length: 20 }, open));
    await Promise.all(closings);
    server.accepted.length = 0;
    closings.length = 0;
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const left = (): number => peers.filter((peer) => peer.deref() !== undefined).length;
    // Node.js releases some of them only in later turns.
    for (let turn = 0; turn < 100 && left() > 0; turn++) {
      await nextTurn();
      collect();
    }
    expect(left()).toBe(0);
  },
);
