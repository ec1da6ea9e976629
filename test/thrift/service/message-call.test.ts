import { trace } from '@opentelemetry/api';
import type { Server } from 'node:net';

import { Registry } from 'prom-client';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  instrumentServer,
  instrumentService,
  resetMetrics,
} from '../../../src/index';
import { enableTracing } from '../../../src/opentelemetry';
import { type CallInProgress, readCalls } from '../../../src/runtime/calls/read-calls';
import { currentRuntime } from '../../../src/runtime/runtime';
import { collectSpans } from '../../signals/collect-spans';
import { thrift } from '../../support/start-thrift';
import { encodeNamedCall } from '../callers/requests';
import { loadEs6 } from '../generated';
import { Gate } from './gate';
import { start } from './serve';
import { BINARY_BUFFERED, BINARY_FRAMED, encode, wireOptions } from './wire';

thrift.setLogFunc?.(() => {});

collectSpans();

class Handler {
  readonly gate = new Gate<number>();
  /** The traces of the calls. */
  readonly traces: (string | undefined)[] = [];

  async twice(number: number): Promise<number> {
    this.traces.push(trace.getActiveSpan()?.spanContext().traceId);
    await this.gate.wait(number);
    return 2 * number;
  }

  describe(_id: number, answer: (error: null, result: unknown) => void): void {
    this.answer = answer;
  }

  answer: (error: null, result: unknown) => void = () => {};
}

const service = instrumentService(loadEs6().service);

beforeEach(() => {
  configureMetrics({ registry: new Registry(), calls: true, onError: () => {} });
  resetMetrics();
});

/** Starts a server and connects to it. Every part is instrumented, or only the service. */
async function connect(handler: Handler, isOnlyService = false, wire = BINARY_FRAMED) {
  const served = isOnlyService ? handler : instrumentHandler(handler, { service: 'Library' });
  const server = thrift.createServer(service, served, wireOptions(wire)) as Server;
  return (await start(isOnlyService ? server : instrumentServer(server), wire)).connect();
}

const call = (number: number): Buffer =>
  encodeNamedCall(BINARY_FRAMED, 'thrift.caller=checkout', number);

/** The calls in progress, which are all of those that are counted. */
function shown(): readonly CallInProgress[] {
  const { total, inProgress } = readCalls(currentRuntime(), false);
  expect(inProgress).toHaveLength(total);
  return inProgress;
}

describe('among the calls in progress', () => {
  test('a message is shown once, with where it comes from, its arguments and its trace', async () => {
    configureMetrics({ calls: { arguments: 'types' } });
    onTestFinished(enableTracing());
    const handler = new Handler();
    const client = await connect(handler);
    const before = Date.now();

    await client.deliver(call(1));
    await handler.gate.filled(1);

    const { localPort } = client.socket;
    expect(shown()).toEqual([
      {
        service: 'Library',
        method: 'twice',
        peer: `127.0.0.1:${localPort}`,
        caller: 'checkout',
        arguments: 'number',
        traceId: handler.traces[0],
        startedAt: expect.any(Number) as number,
        age: expect.any(Number) as number,
        queueSeconds: expect.any(Number) as number,
      },
    ]);
    expect(handler.traces[0]).toMatch(/^[\da-f]{32}$/);
    const [{ startedAt, age, queueSeconds }] = shown() as [CallInProgress];
    // The wall clock may be off by a millisecond.
    expect(startedAt).toBeGreaterThan(before - 2);
    expect(startedAt).toBeLessThan(Date.now() + 2);
    expect(age).toBeGreaterThan(0);
    expect(queueSeconds).toBeGreaterThan(0);
    handler.gate.open(1);
    await client.replies(1);
    expect(shown()).toEqual([]);
  });

  test('a message to a server and a handler without metrics is shown with what the message says', async () => {
    configureMetrics({ calls: { arguments: 'types' } });
    onTestFinished(enableTracing());
    const handler = new Handler();
    const client = await connect(handler, true);

    await client.deliver(call(1));
    await handler.gate.filled(1);

    expect(shown()).toMatchObject([
      {
        service: 'Library',
        method: 'twice',
        peer: null,
        caller: 'checkout',
        queueSeconds: null,
        arguments: null,
        traceId: null,
      },
    ]);
    handler.gate.open(1);
    await client.replies(1);
  });

  test('a message of an unknown caller is shown without one', async () => {
    const handler = new Handler();
    const client = await connect(handler);

    await client.deliver(encode(BINARY_FRAMED, { name: 'twice', fields: [[1, 1]] }));
    await handler.gate.filled(1);

    expect(shown()).toMatchObject([{ method: 'twice', caller: null, arguments: null }]);
    handler.gate.open(1);
    await client.replies(1);
  });

  test('a message that arrived while calls were not kept is shown once, without its origin', async () => {
    configureMetrics({ calls: false });
    const handler = new Handler();
    const client = await connect(handler);
    await client.deliver(call(1));
    await handler.gate.filled(1);

    configureMetrics({ calls: true });
    await client.deliver(call(2));
    await handler.gate.filled(2);

    expect(shown()).toMatchObject([
      { method: 'twice', peer: null, caller: null },
      { method: 'twice', caller: 'checkout' },
    ]);
    for (const number of [1, 2]) handler.gate.open(number);
    await client.replies(2);
  });

  test('a message whose reply could not be written is not shown', async () => {
    const handler = new Handler();
    const client = await connect(handler, true, BINARY_BUFFERED);
    await client.deliver(encode(BINARY_BUFFERED, { name: 'describe', fields: [[1, 2]] }));
    expect(shown()).toMatchObject([{ method: 'describe' }]);

    expect(() => handler.answer(null, 2)).toThrow('without a string');

    expect(shown()).toEqual([]);
  });
});
