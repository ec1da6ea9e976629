import { once } from 'node:events';
import type { Server } from 'node:net';
import { setImmediate } from 'node:timers/promises';

import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { currentRuntime } from '../../../src/runtime/runtime';
import {
  configureMetrics,
  instrumentServer,
  instrumentService,
  resetMetrics,
} from '../../../src/index';
import { currentConnectionOf, type ServerConnection } from '../../../src/thrift/current-connection';
import { thrift } from '../../support/start-thrift';
import { loadEs6 } from '../generated';
import { counting, countsOf, protocolErrors } from './message-counts';
import { Gate } from './gate';
import type { RawClient } from './raw-client';
import { multiplexing, serve, type Served, start } from './serve';
import {
  BINARY_BUFFERED,
  BINARY_FRAMED,
  encode,
  ONEWAY,
  wireOptions,
  WIRES,
  type Wire,
} from './wire';

class Handler {
  readonly gate = new Gate<number>();

  async twice(number: number) {
    await this.gate.wait(number);
    return 2 * number;
  }

  note() {}
}

// Silences the warnings of compact protocols about sequence ids.
thrift.setLogFunc?.(() => {});

const service = instrumentService(loadEs6().service);

class Connection implements ServerConnection {
  wasOpen = true;
  failure: Error | null = null;
  readonly arrival: [number, number] = [0, 0];
  endsWithinMessage = false;
  isRefused = false;
  readonly peer = undefined;
  readonly local = undefined;
  readonly certificateName = null;

  isOpen(): boolean {
    if (this.failure !== null) throw this.failure;
    return this.wasOpen;
  }
}

async function serveOver(wire: Wire, handler: Handler) {
  return watch(await serve(service, handler, wire));
}

/** Connects a client, and sets the current connection as an instrumented server does. */
async function watch({ connect }: Served) {
  const client: RawClient = await connect();
  const connection = new Connection();
  client.peer.prependListener('data', () =>
    currentConnectionOf(currentRuntime()).enter(connection),
  );
  client.peer.on('data', () => currentConnectionOf(currentRuntime()).leave());
  return { client, connection };
}

beforeEach(resetMetrics);

describe.each(WIRES)('over $protocol and $transport', (wire) => {
  test('a reply to a closed connection is lost, but still handed to the socket', async () => {
    const handler = new Handler();
    const { client, connection } = await serveOver(wire, handler);
    await client.deliver(encode(wire, { name: 'twice', fields: [[1, 1]] }));
    await handler.gate.filled(1);

    connection.wasOpen = false;
    handler.gate.open(1);
    await client.replies(1);

    expect(await countsOf('twice')).toEqual(
      counting({
        messages: { 'call none': 1 },
        active: 0,
        requests: 1,
        responses: 0,
        writes: 0,
        lost: { disconnected: 1 },
      }),
    );
  });

  test('a reply written before the connection closes is not lost', async () => {
    const handler = new Handler();
    const { client, connection } = await serveOver(wire, handler);
    await client.deliver(
      Buffer.concat(
        [1, 2].map((seqid) => encode(wire, { name: 'twice', seqid, fields: [[1, seqid]] })),
      ),
    );
    await handler.gate.filled(2);

    handler.gate.open(1);
    await client.replies(1);
    connection.wasOpen = false;
    handler.gate.open(2);
    await client.replies(2);

    expect(await countsOf('twice')).toEqual(
      counting({
        messages: { 'call reply': 1, 'call none': 1 },
        responses: 1,
        lost: { disconnected: 1 },
      }),
    );
  });

  test('a reply is lost, reported and still handed to the socket if nothing says whether the connection is open', async () => {
    const reports: string[] = [];
    configureMetrics({ onError: (_error, site) => reports.push(site) });
    onTestFinished(() => configureMetrics({ onError: () => {} }));
    const handler = new Handler();
    const { client, connection } = await serveOver(wire, handler);
    await client.deliver(encode(wire, { name: 'twice', fields: [[1, 1]] }));
    await handler.gate.filled(1);

    connection.failure = new Error('cannot say');
    handler.gate.open(1);
    await client.replies(1);

    expect(reports).toEqual(['processor:reply']);
    expect(await countsOf('twice')).toEqual(
      counting({
        messages: { 'call none': 1 },
        active: 0,
        lost: { disconnected: 1 },
      }),
    );
  });

  test('the exception for an unknown method is lost on a closed connection, too', async () => {
    const { client, connection } = await serveOver(wire, new Handler());
    connection.wasOpen = false;

    await client.deliver(encode(wire, { name: 'none_such' }));
    await client.replies(1);

    expect(await countsOf('_unknown')).toEqual(
      counting({
        messages: { 'call none': 1 },
        active: 0,
        lost: { disconnected: 1 },
      }),
    );
  });

  test('a oneway message on a closed connection loses no reply', async () => {
    const { client, connection } = await serveOver(wire, new Handler());
    connection.wasOpen = false;

    await client.deliver(encode(wire, { name: 'note', type: ONEWAY }));

    expect(await countsOf('note')).toEqual(counting({ messages: { 'oneway none': 1 }, lost: {} }));
  });
});

describe.each(WIRES)('an instrumented server over $protocol and $transport', (wire) => {
  async function connect(handler: Handler): Promise<RawClient> {
    const server = thrift.createServer(service, handler, wireOptions(wire)) as Server;
    return (await start(instrumentServer(server), wire)).connect();
  }

  test('a reply to a client that has disconnected is lost', async () => {
    const handler = new Handler();
    const client = await connect(handler);
    await client.deliver(encode(wire, { name: 'twice', fields: [[1, 1]] }));
    await handler.gate.filled(1);

    client.socket.destroy();
    await once(client.peer, 'close');
    handler.gate.open(1);
    await setImmediate();

    expect(await countsOf('twice')).toEqual(
      counting({
        messages: { 'call none': 1 },
        active: 0,
        lost: { disconnected: 1 },
      }),
    );
  });

  test('a client that disconnects within a message cuts it off, and one that disconnects after it does not', async () => {
    const note = encode(wire, { name: 'note', type: ONEWAY, fields: [[1, 'x']] });
    const client = await connect(new Handler());
    await client.deliver(note);
    client.socket.end();
    await once(client.peer, 'close');
    expect(await protocolErrors()).toEqual({});

    const other = await connect(new Handler());
    await other.deliver(note);
    await other.deliver(note.subarray(0, -1));
    other.socket.end();
    await once(other.peer, 'close');

    expect(await protocolErrors()).toEqual({ cut_off_struct: 1 });
    expect((await countsOf('note')).messages).toEqual({ 'oneway none': 2 });
  });
});

describe('without frames', () => {
  const note = encode(BINARY_BUFFERED, { name: 'note', type: ONEWAY, fields: [[1, 'x']] });

  test('the connection knows at every byte whether its input ends within a message', async () => {
    const { client, connection } = await serveOver(BINARY_BUFFERED, new Handler());

    for (let sent = 1; sent <= 2 * note.length; sent++) {
      await client.deliver(note.subarray((sent - 1) % note.length, ((sent - 1) % note.length) + 1));
      expect(connection.endsWithinMessage, `after ${sent} bytes`).toBe(sent % note.length !== 0);
    }
  });

  test('a packet that ends within its second message leaves the input within a message', async () => {
    const { client, connection } = await serveOver(BINARY_BUFFERED, new Handler());

    await client.deliver(Buffer.concat([note, note.subarray(0, 3)]));
    expect(connection.endsWithinMessage).toBe(true);
    await client.deliver(note.subarray(3));
    expect(connection.endsWithinMessage).toBe(false);
  });
});

test('a packet that ends within arguments leaves the input of a MultiplexedProcessor within a message', async () => {
  const processor = new multiplexing.MultiplexedProcessor();
  const { Processor } = service as unknown as { Processor: new (handler: object) => object };
  processor.registerProcessor('Library', new Processor(new Handler()));
  const server = multiplexing.createMultiplexServer(processor, wireOptions(BINARY_BUFFERED));
  const { client, connection } = await watch(await start(server, BINARY_BUFFERED));
  const note = encode(BINARY_BUFFERED, {
    name: 'Library:note',
    type: ONEWAY,
    fields: [[1, 'x']],
  });

  await client.deliver(note.subarray(0, -2));
  expect(connection.endsWithinMessage).toBe(true);
  await client.deliver(note.subarray(-2));
  expect(connection.endsWithinMessage).toBe(false);
  await client.deliver(Buffer.concat([note, note.subarray(0, 2)]));
  expect(connection.endsWithinMessage).toBe(true);
});

test('a frame that cuts off its message does not leave the input of the connection within a message', async () => {
  const { client, connection } = await serveOver(BINARY_FRAMED, new Handler());
  const note = encode(BINARY_FRAMED, { name: 'note', type: ONEWAY, fields: [[1, 'x']] });
  note.writeInt32BE(note.length - 5);

  await client.deliver(note.subarray(0, -1));

  expect(connection.endsWithinMessage).toBe(false);
});
