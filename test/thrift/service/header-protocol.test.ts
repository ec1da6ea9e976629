import { once } from 'node:events';

import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';

import { instrumentService, resetMetrics } from '../../../src/index';
import { thrift } from '../../support/start-thrift';
import { loadEs6 } from '../generated';
import { counting, countsOf } from './message-counts';
import { encode, messageSize, type Message, type Wire } from './wire';

const { TFramedTransport, TBufferedTransport } = thrift;
// Missing from @types/thrift.
const { THeaderProtocol } = thrift as unknown as { THeaderProtocol: typeof thrift.TBinaryProtocol };

// Answers synchronously. Before a promise settles, Thrift looks for the headers of the next message. Over a buffered transport
// it finds zeros, and then writes the reply without headers.
class Handler {
  twice(number: number, answer: (error: null, result: number) => void) {
    answer(null, 2 * number);
  }
}

const HEADER_MAGIC = 0x0fff;
const BINARY: Wire = { protocol: 'TBinaryProtocol', transport: 'TBufferedTransport' };
const COMPACT: Wire = { protocol: 'TCompactProtocol', transport: 'TBufferedTransport' };
const PROTOCOL_IDS = { TBinaryProtocol: 0, TCompactProtocol: 2 } as Record<string, number>;

/** A message after headers, in the format of doc/specs/HeaderFormat.md of Thrift. One header is `a: "b"`. */
function withHeaders(wire: Wire, message: Message): { sent: Buffer; size: number } {
  const content = encode(wire, message);
  const info = Buffer.from([PROTOCOL_IDS[wire.protocol]!, 0, 1, 1, 1, 0x61, 1, 0x62]);
  const fixed = Buffer.alloc(14);
  fixed.writeInt32BE(10 + info.length + content.length, 0);
  fixed.writeInt16BE(HEADER_MAGIC, 4);
  fixed.writeInt32BE(message.seqid ?? 1, 8);
  fixed.writeInt16BE(info.length / 4, 12);
  return { sent: Buffer.concat([fixed, info, content]), size: messageSize(wire, content) };
}

/** The length of the content after the headers. */
function contentSize(received: Buffer): number {
  expect(received.readInt16BE(4)).toBe(HEADER_MAGIC);
  return received.length - 14 - 4 * received.readInt16BE(12);
}

beforeEach(resetMetrics);

async function start(
  transport: typeof TFramedTransport | typeof TBufferedTransport,
): Promise<Socket> {
  const service = instrumentService(loadEs6().service);
  const options = { protocol: THeaderProtocol, transport };
  const server = thrift.createServer(service, new Handler(), options) as Server;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  await once(socket, 'connect');
  return socket;
}

describe.each([BINARY, COMPACT])('THeaderProtocol with $protocol', (wire) => {
  const message: Message = { name: 'twice', seqid: 3, fields: [[1, 4]] };

  test('headers in a framed transport are not part of the message size', async () => {
    const socket = await start(TFramedTransport);
    const { sent, size } = withHeaders(wire, message);
    const length = Buffer.alloc(4);
    length.writeInt32BE(sent.length);

    socket.write(Buffer.concat([length, sent]));
    const [received] = (await once(socket, 'data')) as [Buffer];

    expect(await countsOf('twice')).toEqual(
      counting({
        messages: { 'call reply': 1 },
        active: 0,
        requestSize: size,
        responseSize: contentSize(received.subarray(4)),
      }),
    );
  });

  test('headers in a buffered transport are not part of the message size', async () => {
    const socket = await start(TBufferedTransport);
    const { sent, size } = withHeaders(wire, message);

    socket.write(sent);
    const [received] = (await once(socket, 'data')) as [Buffer];

    expect(await countsOf('twice')).toEqual(
      counting({
        messages: { 'call reply': 1 },
        active: 0,
        requestSize: size,
        responseSize: contentSize(received),
      }),
    );
  });

  test('a message without headers counts with its full size', async () => {
    const socket = await start(TFramedTransport);
    const sent = encode({ ...wire, transport: 'TFramedTransport' }, message);

    socket.write(sent);
    const [received] = (await once(socket, 'data')) as [Buffer];

    expect(await countsOf('twice')).toEqual(
      counting({
        messages: { 'call reply': 1 },
        requestSize: sent.length - 4,
        responseSize: received.length - 4,
      }),
    );
  });
});
