import type { Server } from 'node:net';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { instrumentServer, instrumentService } from '../../../src/index';
import { closing } from '../../support/closing';
import { thrift, type Service } from '../../support/start-thrift';
import { connectionsOf, protocolErrors } from './connection-counts';
import { call, framed, int32, PING } from './messages';
import { startServer, type RunningServer } from './start-server';
import { isWeb, isWebSocket, post, TRANSPORT, webSocketFrame, WIRES, type Wire } from './wires';

const Library = require('../gen-nodejs/Library.js') as Service;

const LAYERS = {
  buffered: [thrift.TBinaryProtocol, thrift.TCompactProtocol, thrift.TJSONProtocol],
  framed: [thrift.TBinaryProtocol],
} as const;

const handler = {
  ping: (done: (error: null) => void) => done(null),
  count: () => {
    throw new Error('by the handler');
  },
};

/** What a client may send at once: arbitrary bytes, or a message that at least starts correctly. */
const chunk = fc.oneof(
  fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(
    PING,
    framed(PING),
    call('count'),
    call('noSuchMethod'),
    PING.subarray(0, 9),
    framed(PING).subarray(0, 9),
    int32(2 ** 31),
    int32(2 ** 31 - 1),
    Buffer.from('GET / HTTP/1.1\r\n\r\n'),
    Buffer.from('[1,"ping",1,0,{}]'),
  ),
);

/** Everything that the two ends of a connection observe. */
async function play(wire: Wire, server: RunningServer, chunks: readonly Buffer[]) {
  const accepted = server.nextAccepted();
  const client = await server.connect();
  const peer = await accepted;
  const received: Buffer[] = [];
  client.on('data', (data) => received.push(data));
  const firstError = server.errors.length;
  const closings = [closing(client), closing(peer)];
  for (const bytes of chunks) client.write(wrapBytes(wire, bytes));
  client.end();
  await Promise.all(closings);
  return {
    received: Buffer.concat(received)
      .toString('latin1')
      .replaceAll(/^Date: .*$/gm, 'Date'),
    errors: server.errors.slice(firstError).map(String),
    peer: {
      hasEnded: peer.writableEnded,
      wasEnded: peer.readableEnded,
      bytesRead: peer.bytesRead,
      bytesWritten: peer.bytesWritten,
      errored: peer.errored === null ? null : String(peer.errored),
    },
  };
}

function wrapBytes(wire: Wire, bytes: Buffer): Buffer {
  if (isWebSocket(wire)) return webSocketFrame(bytes);
  return isWeb(wire) ? post(bytes) : bytes;
}

describe.each(WIRES)('over %s', (wire) => {
  const layers = Object.entries(LAYERS).flatMap(([transport, protocols]) =>
    protocols.map((protocol) => [transport, protocol.name, protocol] as const),
  );

  it.each(layers)(
    'an instrumented server (%s, %s) treats any bytes like a plain server',
    async (transport, _, protocol) => {
      const settings = { handler, protocol, isFramed: transport === 'framed' };
      const servers = await Promise.all(
        [
          { service: Library, prepare: (server: Server) => server },
          { service: Library, prepare: instrumentServer },
          { service: instrumentService(Library), prepare: instrumentServer },
        ].map((each) => startServer(wire, { ...settings, ...each })),
      );
      // Thrift would refuse a second body if the first is not answered, and would not answer the first.
      const maxLength = isWeb(wire) && !isWebSocket(wire) ? 1 : 4;
      await fc.assert(
        fc.asyncProperty(fc.array(chunk, { minLength: 1, maxLength }), async (chunks) => {
          const [bare, ...instrumented] = await Promise.all(
            servers.map((server) => play(wire, server, chunks)),
          );
          for (const seen of instrumented) expect(seen).toEqual(bare);
        }),
        { numRuns: 40 },
      );
      const { active, accepted, closed } = await connectionsOf(TRANSPORT[wire]);
      expect(active).toBe(0);
      expect(Object.values(closed).reduce((sum, count) => sum + count, 0)).toBe(accepted);
    },
  );
});

it('the random input includes refused input of several reasons', async () => {
  expect(await protocolErrors()).toMatchObject({
    garbage: expect.any(Number),
    bad_version: expect.any(Number),
    oversize_frame: expect.any(Number),
    cut_off_struct: expect.any(Number),
  });
});
