import { on, once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { Connection } from 'thrift';

import { hangUp, startThrift, thrift, type ThriftServer } from '../support/start-thrift';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';
import type { Call, Generated } from './generated';
import { portrait, type Portrait } from './portrait';

/** How a call ended for the client that made it. */
export type Answer = { result: unknown } | { error: Portrait } | 'none';

/** Everything about one call that is observable outside of the handler. */
export interface Transcript {
  answer: Answer;
  connection: 'open' | 'closed';
  /** What the server sent, in hexadecimal. If the connection stays open, it ends with the answer to a later `ping`. */
  bytes: string;
  clientErrors: Portrait[];
  serverErrors: Portrait[];
  unhandled: Portrait[];
  /** How many rejections were handled after Node.js had reported them as unhandled. */
  handledLate: number;
}

interface Line {
  readonly connection: Connection;
  readonly call: Call;
  readonly received: Buffer[];
  readonly errors: unknown[];
  readonly closed: Promise<unknown>;
}

/**
 * Makes one call to a handler behind a real server. `makeHandler` gets a function that the handler must call just
 * before it ends. The `ping` of the handler must take a callback.
 */
export async function converse(
  generated: Generated,
  makeHandler: (ending: () => void) => object,
  makeCall: (call: Call) => Promise<unknown>,
): Promise<Transcript> {
  const draw = (thrown: unknown): Portrait => portrait(thrown, generated.types);
  let ending!: () => void;
  const ended = new Promise<void>((resolve) => (ending = resolve));
  let handledLate = 0;
  const countLate = (): void => void handledLate++;
  process.on('rejectionHandled', countLate);
  const server = await startThrift(generated.service, makeHandler(ending));
  const line = await connect(generated, server);
  const other = await connect(generated, server);
  let answer: Answer = 'none';
  try {
    const unhandled = await unhandledRejectionsOf(async () => {
      makeCall(line.call).then(
        (result) => (answer = { result }),
        (error: unknown) => (answer = { error: draw(error) }),
      );
      await Promise.race([ended, line.closed]);
      await quiet(server, line, other);
    });
    return {
      answer,
      connection: line.connection.connected ? 'open' : 'closed',
      bytes: Buffer.concat(line.received).toString('hex'),
      clientErrors: line.errors.map(draw),
      serverErrors: server.errors.map(draw),
      unhandled: unhandled.map(draw),
      handledLate,
    };
  } finally {
    process.off('rejectionHandled', countLate);
    for (const { connection } of [line, other]) hangUp(connection);
    await server.close();
  }
}

/**
 * Resolves when everything that the end of a handler triggers has happened, without waiting for time to pass. A `ping`
 * on another connection takes several turns of the event loop, and what the server sends in these turns comes before its
 * answer to a `ping` on the same connection.
 */
async function quiet(server: ThriftServer, line: Line, other: Line): Promise<void> {
  await other.call('ping');
  if (server.hasHungUpOn(line.connection)) await line.closed;
  else await pingAnswered(line);
  await nextTurn();
}

const REPLY_TO_PING = Buffer.from([0x80, 1, 0, 2, 0, 0, 0, 4, ...Buffer.from('ping')]);

/** Reads the raw bytes, because after half an answer the client cannot read what follows. */
async function pingAnswered({ connection, call, received }: Line): Promise<void> {
  const data = on(connection.connection, 'data');
  void call('ping');
  for await (const _ of data) if (Buffer.concat(received).includes(REPLY_TO_PING)) break;
}

async function connect(generated: Generated, { port }: ThriftServer): Promise<Line> {
  const connection = thrift.createConnection('127.0.0.1', port, {});
  const call = generated.createClient(connection);
  const received: Buffer[] = [];
  const errors: unknown[] = [];
  connection.connection.on('data', (data: Buffer) => received.push(data));
  connection.on('error', (error) => errors.push(error));
  const closed = new Promise((resolve) => connection.once('close', resolve));
  await once(connection, 'connect');
  return { connection, call, received, errors, closed };
}
