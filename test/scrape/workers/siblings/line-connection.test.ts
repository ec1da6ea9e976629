import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';

import { beforeEach, expect, it, type Mock, onTestFinished, vi } from 'vitest';

import { LineConnection } from '../../../../src/scrape/workers/siblings/line-connection';
import type { WorkerMessage } from '../../../../src/scrape/workers/worker-messages';

const CALL = { type: 'thrift-metrics.3:call' } as const;
const chunk = (body: string): WorkerMessage => ({
  type: 'thrift-metrics.3:chunk',
  threadId: 0,
  id: 1,
  index: 0,
  kind: 'families',
  body,
});

let socket: Socket;
let other: Socket;
let connection: LineConnection;
const received: WorkerMessage[] = [];
let ended: Mock<() => void>;
beforeEach(async () => {
  received.length = 0;
  ended = vi.fn<() => void>();
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  other = createConnection((server.address() as AddressInfo).port, '127.0.0.1');
  [socket] = await accepted;
  connection = new LineConnection(socket, (message) => received.push(message), ended);
  onTestFinished(() => {
    socket.destroy();
    other.destroy();
    server.close();
  });
});

/** Resolves when this many messages have arrived. */
const arrived = (count: number): Promise<void> =>
  vi.waitFor(() => expect(received).toHaveLength(count));

it('messages arrive in their order, however the lines are split', async () => {
  const messages = [chunk('é€😀'), CALL, chunk('')];
  const bytes = Buffer.from(messages.map((each) => `${JSON.stringify(each)}\n`).join(''));
  other.setNoDelay();
  for (const byte of bytes) {
    other.write(Buffer.from([byte]));
    // oxlint-disable-next-line no-await-in-loop -- so that each byte arrives for itself
    await new Promise((resolve) => setImmediate(resolve));
  }
  await arrived(3);
  expect(received).toEqual(messages);
});

it('several messages arrive at once', async () => {
  other.write(`${JSON.stringify(CALL)}\n${JSON.stringify(chunk('a'))}\n`);
  await arrived(2);
  expect(received).toEqual([CALL, chunk('a')]);
});

it('lines that are not messages are ignored', async () => {
  other.write(`\n{\nnull\n{"type":"other"}\n${JSON.stringify(CALL)}\n`);
  await arrived(1);
  expect(received).toEqual([CALL]);
});

it('a message is sent as one line', async () => {
  connection.send(CALL);
  const [bytes] = (await once(other, 'data')) as [Buffer];
  expect(bytes.toString()).toBe(`${JSON.stringify(CALL)}\n`);
});

it('the end of the connection is noticed once, and what is sent afterwards is lost', async () => {
  other.destroy();
  await vi.waitFor(() => expect(ended).toHaveBeenCalled());
  connection.send(CALL);
  await new Promise((resolve) => setImmediate(resolve));
  expect(ended).toHaveBeenCalledOnce();
});

it('a connection that fails ends', async () => {
  socket.destroy(new Error('reset'));
  await vi.waitFor(() => expect(ended).toHaveBeenCalledOnce());
});

it('a connection can be closed', async () => {
  connection.close();
  await once(other, 'close');
  expect(ended).toHaveBeenCalledOnce();
});

it('a line without an end is not collected forever', () => {
  socket.emit('data', 'x'.repeat(64 * 2 ** 20));
  expect(socket.destroyed).toBe(false);
  socket.emit('data', 'x');
  expect(socket.destroyed).toBe(true);
});
