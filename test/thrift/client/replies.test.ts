import { expect, test } from 'vitest';

import { instrumentClient } from '../../../src/index';
import { ACTIVE, countsOf, failedWith, SUCCEEDED } from './client-counts';
import { emitted } from './emitted';
import { Answers, Library, loadEs5, type Answer } from './library';
import { connectTo, startServer } from './stream-servers';
import { clientOf, startTcp, thriftLibrary, type AnyConnection } from './transports';

/** The header of a reply in the binary protocol. */
function header(method: string, id: number, type = 2): Buffer {
  const head = Buffer.alloc(8 + method.length + 4);
  head.writeInt32BE(0x80010000 + type - 2 ** 32, 0);
  head.writeInt32BE(method.length, 4);
  head.write(method, 8);
  head.writeInt32BE(id, 8 + method.length);
  return head;
}

function frame(...parts: Buffer[]): Buffer {
  const length = Buffer.alloc(4);
  const body = Buffer.concat(parts);
  length.writeInt32BE(body.length);
  return Buffer.concat([length, body]);
}

const framed = { transport: thriftLibrary.TFramedTransport };

test('an undecodable reply fails only its own call', async () => {
  let bad: Buffer = Buffer.alloc(0);
  const port = await startServer((socket) => socket.write(bad));
  const connection = connectTo(port, framed);
  const client = instrumentClient(clientOf(connection, Library), { name: 'undecodable' });
  // A list of 2 ** 31 - 1 elements of a type that does not exist.
  bad = frame(header('twice', 2), Buffer.from([15, 0, 0, 99, 0x7f, 0xff, 0xff, 0xff]));
  await emitted(connection, 'connect');
  void client.clamp?.(1, 2, 3);
  const failed = emitted(connection, 'error') as Promise<Error>;
  void client.twice?.(1);
  const error = await failed;
  expect(await countsOf('undecodable', 'twice')).toEqual(
    failedWith(`transport ${error.constructor.name}`),
  );
  expect(await countsOf('undecodable', 'clamp')).toEqual(ACTIVE);
});

test('an undecodable reply fails only its own call, also if the program has wrapped the callback', async () => {
  let bad: Buffer = Buffer.alloc(0);
  const port = await startServer((socket) => socket.write(bad));
  const connection = connectTo(port, framed);
  const other = instrumentClient(clientOf(connection, Library), { name: 'same-id', connection });
  const client = instrumentClient(clientOf(connection, Library), {
    name: 'wrapped-undecodable',
    connection,
  });
  bad = frame(header('twice', 2), Buffer.from([15, 0, 0, 99, 0x7f, 0xff, 0xff, 0xff]));
  void other.clamp?.(1, 2, 3);
  void other.clamp?.(1, 2, 3);
  void client.clamp?.(1, 2, 3);
  const failed = emitted(connection, 'error') as Promise<Error>;
  void client.twice?.(1);
  const { _reqs: callbacks } = client as unknown as { _reqs: Record<number, Answer> };
  const callback = callbacks[2] as Answer;
  callbacks[2] = (problem, result) => callback(problem, result);
  const error = await failed;
  expect(await countsOf('wrapped-undecodable', 'twice')).toEqual(
    failedWith(`transport ${error.constructor.name}`),
  );
  expect(await countsOf('wrapped-undecodable', 'clamp')).toEqual(ACTIVE);
  expect(await countsOf('same-id', 'clamp')).toEqual({ ...ACTIVE, requests: 2, active: 2 });
});

test('a call stays active until the last chunk of its reply arrives', async () => {
  const chunks: (() => void)[] = [];
  const port = await startServer((socket) => {
    const reply = Buffer.concat([header('twice', 1), Buffer.from([8, 0, 0, 0, 0, 0, 42, 0])]);
    socket.setNoDelay();
    socket.write(reply.subarray(0, -4));
    chunks.push(() => socket.write(reply.subarray(-4)));
  });
  const connection = connectTo(port);
  const client = instrumentClient(clientOf(connection, Library), { name: 'chunks' });
  const call = client.twice?.(21) as Promise<number>;
  await emitted(connection.connection as AnyConnection, 'data');
  expect(await countsOf('chunks', 'twice')).toEqual(ACTIVE);
  chunks[0]?.();
  expect(await call).toBe(42);
  expect(await countsOf('chunks', 'twice')).toEqual(SUCCEEDED);
});

test('a reply to an unknown method fails no call', async () => {
  const port = await startServer((socket) =>
    socket.write(frame(header('stray', 1), Buffer.from([0]))),
  );
  const connection = connectTo(port, framed);
  const client = instrumentClient(clientOf(connection, Library), { name: 'stray' });
  void client.twice?.(1);
  expect(await emitted(connection, 'error')).toMatchObject({ name: 'TApplicationException' });
  expect(await countsOf('stray', 'twice')).toEqual(ACTIVE);
});

test('a callback that throws fails no call, and its error still reaches the connection', async () => {
  const handler = new Answers();
  const { connect } = await startTcp(Library, handler);
  const connection = connect();
  const client = instrumentClient(clientOf(connection, loadEs5()), { name: 'callback-throws' });
  const boom = new Error('boom');
  const arrival = handler.arrival();
  client.clamp?.(1, 2, 3, () => {});
  await arrival;
  client.twice?.(2, () => {
    throw boom;
  });
  expect(await emitted(connection, 'error')).toBe(boom);
  expect(await countsOf('callback-throws', 'twice')).toEqual(SUCCEEDED);
  expect(await countsOf('callback-throws', 'clamp')).toEqual(ACTIVE);
});

test('a callback that is not a function fails as it does without metrics', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const messages: string[] = [];
  for (const prepare of [(client: object) => client, instrumentClient]) {
    const connection = connect();
    const client = prepare(clientOf(connection, loadEs5())) as ReturnType<typeof clientOf>;
    client.twice?.(2, 'no function');
    messages.push(((await emitted(connection, 'error')) as Error).message);
  }
  expect(messages).toEqual(['callback is not a function', 'callback is not a function']);
});
