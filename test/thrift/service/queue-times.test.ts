import type { Server } from 'node:net';

import { register } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';

import {
  configureMetrics,
  instrumentServer,
  instrumentService,
  resetMetrics,
} from '../../../src/index';
import { thrift } from '../../support/start-thrift';
import { samplesOf, valueOf } from '../../support/value-of';
import { loadEs6 } from '../generated';
import { startServer, until } from '../server/start-server';
import { WIRES as SERVER_WIRES, wrap } from '../server/wires';
import { call, framed } from '../server/messages';
import { serve, start } from './serve';
import { BINARY_BUFFERED, BINARY_FRAMED, encode, ONEWAY, wireOptions, WIRES } from './wire';

// Silences the warnings of compact protocols about sequence ids.
thrift.setLogFunc?.(() => {});

const QUEUE = 'thrift_server_queue_seconds';
const SPIN = 20;

function spin(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

/** Holds the event loop in each call of `twice`. */
class Handler {
  twice(number: number, answer: (error: null, result: number) => void) {
    spin(SPIN);
    answer(null, 2 * number);
  }

  note() {}

  ping(answer: (error: null) => void) {
    answer(null);
  }
}

const service = instrumentService(loadEs6().service);

const timesOf = async (method: string) => ({
  count: await valueOf(register, `${QUEUE}_count`, {
    thrift_service: 'Library',
    thrift_method: method,
  }),
  seconds:
    (await valueOf(register, `${QUEUE}_sum`, {
      thrift_service: 'Library',
      thrift_method: method,
    })) ?? NaN,
});

beforeEach(() => {
  configureMetrics({ rules: [] });
  resetMetrics();
});

const twice = (wire: (typeof WIRES)[number], seqid: number): Buffer =>
  encode(wire, { name: 'twice', seqid, fields: [[1, seqid]] });

// First, because instrumenting a server is what creates the series.
test('without an instrumented server, nothing says how long messages have waited', async () => {
  const { connect } = await serve(service, new Handler(), BINARY_FRAMED);
  const client = await connect();
  await client.deliver(twice(BINARY_FRAMED, 1));
  await client.replies(1);
  expect((await samplesOf(register)).filter(({ name }) => name.startsWith(QUEUE))).toEqual([]);
});

describe.each(WIRES)('over $protocol and $transport', (wire) => {
  async function connectTo() {
    const server = thrift.createServer(service, new Handler(), wireOptions(wire)) as Server;
    const { connect } = await start(instrumentServer(server), wire);
    return connect();
  }

  test('each of several messages in a packet waits for the handlers of those before it', async () => {
    const client = await connectTo();
    const note = encode(wire, { name: 'note', type: ONEWAY, fields: [[1, 'x']] });
    const begin = performance.now();
    await client.deliver(Buffer.concat([twice(wire, 1), twice(wire, 2), twice(wire, 3), note]));
    await client.replies(3);
    const elapsed = performance.now() - begin;
    const calls = await timesOf('twice');
    expect(calls.count).toBe(3);
    // The second has waited for one handler, the third for two.
    expect(calls.seconds).toBeGreaterThanOrEqual((3 * SPIN) / 1e3);
    expect(calls.seconds).toBeLessThan((3 * elapsed - 6 * SPIN) / 1e3);
    const notes = await timesOf('note');
    expect(notes.count).toBe(1);
    expect(notes.seconds).toBeGreaterThanOrEqual((3 * SPIN) / 1e3);
  });

  test('a message that arrives in two packets has waited since the second', async () => {
    const client = await connectTo();
    const message = twice(wire, 1);
    await client.deliver(message.subarray(0, 9));
    spin(1000);
    await client.deliver(message.subarray(9));
    await client.replies(1);
    const { count, seconds } = await timesOf('twice');
    expect(count).toBe(1);
    expect(seconds).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(1);
  });

  test('a message for a method that the service does not have waits for no handler', async () => {
    const client = await connectTo();
    await client.deliver(encode(wire, { name: 'none_such' }));
    await client.replies(1);
    const names = (await samplesOf(register))
      .filter(({ name }) => name.startsWith(QUEUE))
      .map(({ labels }) => labels['thrift_method']);
    expect(names).toContain('twice');
    expect(names).not.toContain('_unknown');
  });
});

test.each(SERVER_WIRES)('the time in the queue is measured over %s', async (wire) => {
  const server = await startServer(wire, { service, handler: new Handler(), isFramed: true });
  const socket = await server.connect();
  socket.write(wrap(wire, framed(call('ping'))));
  await until(socket, 'ping');
  const { count, seconds } = await timesOf('ping');
  expect(count).toBe(1);
  expect(seconds).toBeGreaterThan(0);
});

test('the series of every method start at 0, whether the service or the server is instrumented first', async () => {
  const server = thrift.createServer(service, new Handler(), wireOptions(BINARY_BUFFERED));
  instrumentServer(server as Server);
  instrumentService(loadEs6().service, { service: 'QueuedLater' });
  const counts = (await samplesOf(register)).filter(({ name }) => name === `${QUEUE}_count`);
  const methods = (name: string) =>
    counts
      .filter(({ labels }) => labels['thrift_service'] === name)
      .map(({ labels, value }) => `${labels['thrift_method']} ${value}`);
  expect(methods('Library')).toEqual(expect.arrayContaining(['twice 0', 'note 0', 'ping 0']));
  expect(methods('QueuedLater')).toEqual(methods('Library'));
});

test('input that is passed on later says nothing about when it arrived', async () => {
  const { connect } = await start(
    instrumentServer(
      thrift.createServer(service, new Handler(), wireOptions(BINARY_FRAMED)) as Server,
    ),
    BINARY_FRAMED,
  );
  const client = await connect();
  // Thrift's own listener is replaced by one that waits for the next turn, as a program that limits its load would do.
  const [, listener] = client.peer.listeners('data') as ((data: Buffer) => void)[];
  client.peer.off('data', listener as (data: Buffer) => void);
  client.peer.on('data', (data: Buffer) => setImmediate(() => listener?.(data)));
  client.socket.write(twice(BINARY_FRAMED, 1));
  await client.replies(1);
  expect(await timesOf('twice')).toEqual({ count: 0, seconds: 0 });
});
