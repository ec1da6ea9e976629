import { channel } from 'node:diagnostics_channel';

import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { Registry } from 'prom-client';
import 'reflect-metadata';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  configureMetrics,
  instrument,
  instrumentClient,
  Instrumented,
  instrumentHandler,
  instrumentServer,
  instrumentService,
} from '../../src/index';
import { enableTracing } from '../../src/opentelemetry';
import { thrift } from '../support/start-thrift';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';
import { Answers, Library, loadEs5 } from '../thrift/client/library';
import { clientOf, startTcp } from '../thrift/client/transports';
import { collectSpans, eventsOf } from './collect-spans';
import { loseCall } from './lost-call';
import { published } from './published';

thrift.setLogFunc?.(() => {});

const onError = vi.fn<(error: unknown, site: string) => void>();
beforeAll(() => configureMetrics({ registry: new Registry(), onError }));
const spans = collectSpans();
let disable: () => void = () => {};
beforeEach(() => {
  onError.mockClear();
  disable = enableTracing();
});
afterEach(() => disable());

class Refused extends Error {}

type Answer = (error: unknown, result?: number) => void;

/** What a database driver does. */
function query(name: string): void {
  trace.getTracer('database').startSpan(name).end();
}

@Instrumented({ exceptions: [Refused] })
class StoreHandler {
  sync(): number {
    query('sync query');
    return 1;
  }

  async later(): Promise<number> {
    query('first query');
    await new Promise((resolve) => setImmediate(resolve));
    query('second query');
    return 2;
  }

  callback(answer: Answer): void {
    setImmediate(() => {
      query('callback query');
      answer(null, 3);
    });
  }

  fail(error: unknown): void {
    throw error;
  }
}

const handler = new StoreHandler();

/** A function that is async by mistake. Without care, its rejection would end the process. */
const returnsPromise = (async () => Promise.reject(new Error('late'))) as () => never;

describe('spans of handlers', () => {
  it('a call has a SERVER span with the attributes of the conventions', () => {
    handler.sync();
    const span = spans.named('Store/sync');
    expect(span.kind).toBe(SpanKind.SERVER);
    expect(span.attributes).toEqual({
      'rpc.system.name': 'apache_thrift',
      'rpc.method': 'Store/sync',
    });
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(span.instrumentationScope.name).toBe('thrift-metrics');
    expect(span.instrumentationScope.version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it.each([
    ['sync', 'sync query', async () => handler.sync()],
    ['later', 'first query', () => handler.later()],
    ['later', 'second query', () => handler.later()],
    [
      'callback',
      'callback query',
      () =>
        new Promise((resolve) => {
          handler.callback(resolve);
        }),
    ],
  ])('what a %s handler does nests under its span: %s', async (method, name, call) => {
    await call();
    const span = spans.named(`Store/${method}`);
    expect(spans.named(name).parentSpanContext).toMatchObject(span.spanContext());
    expect(trace.getActiveSpan()).toBeUndefined();
  });

  it('an undeclared error sets error.type and the status', () => {
    const error = new TypeError('broken');
    expect(() => handler.fail(error)).toThrow(error);
    const span = spans.named('Store/fail');
    expect(span.attributes['error.type']).toBe('TypeError');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'broken' });
    expect(eventsOf(span)).toEqual([
      [
        'exception',
        {
          'exception.type': 'TypeError',
          'exception.message': 'broken',
          'exception.stacktrace': error.stack,
        },
      ],
    ]);
  });

  it('a declared exception is recorded, and is not an error', () => {
    expect(() => handler.fail(new Refused('no'))).toThrow('no');
    const span = spans.named('Store/fail');
    expect(span.attributes).not.toHaveProperty('error.type');
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(eventsOf(span)).toMatchObject([['exception', { 'exception.type': 'Refused' }]]);
  });

  it('a result that counts as failed is an error without an exception', () => {
    const run = instrument(() => 7, {
      service: 'Codes',
      method: 'run',
      failed: ({ result }) => `CODE_${result}`,
    });
    run();
    const span = spans.named('Codes/run');
    expect(span.attributes['error.type']).toBe('CODE_7');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.events).toEqual([]);
  });

  it.each([
    ['a string', 'text', { 'exception.message': 'text' }],
    ['null', null, {}],
    ['a class whose message is a struct', { message: { text: 'x' } }, {}],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          get() {
            throw new Error('trap');
          },
        },
      ),
      {},
    ],
  ])('%s that is thrown ends the span as an error', (_, error, attributes) => {
    let thrown: unknown;
    try {
      handler.fail(error);
    } catch (caught) {
      thrown = caught;
    }
    expect(thrown).toBe(error);
    const span = spans.named('Store/fail');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(eventsOf(span)).toEqual([
      ['exception', { 'exception.type': span.attributes['error.type'], ...attributes }],
    ]);
  });

  it('over an instrumented server, the span has the addresses of both ends', async () => {
    const { server, port, connect } = await startTcp(
      instrumentService(Library),
      instrumentHandler(new Answers(), { service: 'Library' }),
    );
    instrumentServer(server);
    expect(await clientOf(connect(), Library)['twice']?.(2)).toBe(4);
    const { attributes } = spans.named('Library/twice');
    expect(attributes).toMatchObject({
      'server.address': '127.0.0.1',
      'server.port': port,
      'client.address': '127.0.0.1',
      'network.peer.address': '127.0.0.1',
    });
    expect(attributes['network.peer.port']).toBe(attributes['client.port']);
  });
});

describe('spans of clients', () => {
  it('a call has a CLIENT span, which ends with the reply', async () => {
    const { port, connect } = await startTcp(Library, new Answers());
    const client = instrumentClient(clientOf(connect(), Library));
    const parent = trace.getTracer('test').startSpan('parent');
    const result: unknown = await context.with(trace.setSpan(context.active(), parent), () =>
      client['twice']?.(2),
    );
    expect(result).toBe(4);
    const span = spans.named('Library/twice', SpanKind.CLIENT);
    expect(span.parentSpanContext).toMatchObject(parent.spanContext());
    expect(span.attributes).toEqual({
      'rpc.system.name': 'apache_thrift',
      'rpc.method': 'Library/twice',
      'server.address': '127.0.0.1',
      'server.port': port,
      'network.peer.address': '127.0.0.1',
      'network.peer.port': port,
    });
  });

  it('a declared exception in a reply is not an error, any other exception is one', async () => {
    const { connect } = await startTcp(Library, new Answers());
    const client = instrumentClient(clientOf(connect(), Library));
    await expect(client['twice']?.(-1)).rejects.toMatchObject({ why: 'negative' });
    await expect(client['divide']?.(1, 0)).rejects.toThrow('by zero');
    expect(spans.named('Library/twice').status.code).toBe(SpanStatusCode.UNSET);
    expect(spans.named('Library/divide')).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'by zero' },
      attributes: { 'error.type': 'TApplicationException' },
    });
  });

  it('a oneway call has spans that end when it is written and when the handler returns', async () => {
    const answers = new Answers();
    const { connect } = await startTcp(
      instrumentService(Library),
      instrumentHandler(answers, { service: 'Library' }),
    );
    const client = instrumentClient(clientOf(connect(), Library));
    const calls = published('server');
    await client['note']?.('text');
    expect(spans.named('Library/note', SpanKind.CLIENT).ended).toBe(true);
    await calls.ended(1);
    expect(spans.named('Library/note', SpanKind.SERVER).ended).toBe(true);
  });

  it('a call that is lost with its connection ends its span with an error', async () => {
    await loseCall();
    expect(spans.named('Library/clear').status.code).toBe(SpanStatusCode.ERROR);
  });

  it('the callback of a client runs in the context of its caller', async () => {
    const { connect } = await startTcp(Library, new Answers());
    const client = instrumentClient(clientOf(connect(), loadEs5()));
    const parent = trace.getTracer('test').startSpan('parent');
    const active = await new Promise((resolve) => {
      context.with(trace.setSpan(context.active(), parent), () => {
        client['twice']?.(2, () => resolve(trace.getActiveSpan()));
      });
    });
    expect(active).toBe(parent);
  });
});

describe('options', () => {
  it('attributes of a call are on its span alone', async () => {
    enableTracing({
      attributes: ({ args, result, error, method }) => ({
        args: String(args),
        method,
        result: Number(result),
        failed: error !== undefined,
      }),
    });
    const add = instrument((a: number, b: number) => a + b, { service: 'Adder', method: 'add' });
    add(1, 2);
    expect(spans.named('Adder/add').attributes).toMatchObject({
      args: '1,2',
      method: 'add',
      result: 3,
      failed: false,
    });
  });

  it.each([
    ['throws', () => JSON.parse('{') as never],
    ['returns a promise', async () => Promise.reject(new Error('late'))],
    ['returns text', () => 'text'],
  ])('a function attributes that %s is reported, and the span ends', (_, attributes) => {
    enableTracing({ attributes: attributes as never });
    handler.sync();
    expect(spans.named('Store/sync').ended).toBe(true);
    expect(onError).toHaveBeenCalledWith(expect.any(Error), 'tracing attributes');
    configureMetrics({ onError });
  });

  it.each([
    ['for every call', true],
    ['where the function says so', ({ method }: { method: string }) => method === 'fail'],
    ['where the function fails', () => JSON.parse('{') as boolean],
    ['where the function returns a promise', returnsPromise],
    [
      'where the function is async and rejects',
      (async () => Promise.reject(new Error('late'))) as unknown as () => boolean,
    ],
  ])('sensitive leaves out messages and stack traces %s', async (_, sensitive) => {
    enableTracing({ sensitive });
    const rejections = await unhandledRejectionsOf(() =>
      expect(() => handler.fail(new Error('secret'))).toThrow('secret'),
    );
    expect(rejections).toEqual([]);
    const span = spans.named('Store/fail');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(eventsOf(span)).toEqual([['exception', { 'exception.type': 'Error' }]]);
    configureMetrics({ onError });
  });

  it('a function sensitive that returns a promise is reported, with what to do', () => {
    onError.mockClear();
    configureMetrics({ onError });
    enableTracing({ sensitive: returnsPromise });
    expect(() => handler.fail(new Error('secret'))).toThrow('secret');
    const [error, site] = onError.mock.calls[0] as [Error, string];
    expect(site).toBe('tracing sensitive');
    expect(error.message).toContain('returned a promise');
    expect(error.message).toContain('Return true or false');
    configureMetrics({ onError });
  });

  it('a tracer provider of its own creates the spans', () => {
    const other: string[] = [];
    const provider = new NodeTracerProvider({
      spanProcessors: [
        {
          onStart: (span) => void other.push(span.name),
          onEnd: () => {},
          forceFlush: async () => {},
          shutdown: async () => {},
        },
      ],
    });
    enableTracing({ tracerProvider: provider });
    handler.sync();
    expect(other).toEqual(['Store/sync']);
    expect(spans.all().map(({ name }) => name)).toEqual(['sync query']);
  });

  it.each([
    [{ tracerProvider: {} }, 'TM_ERR_OPTION_INVALID'],
    [{ attributes: 1 }, 'TM_ERR_OPTION_INVALID'],
    [{ sensitive: 'yes' }, 'TM_ERR_OPTION_INVALID'],
    [{ tracer: 1 }, 'TM_ERR_OPTION_UNKNOWN'],
    [null, 'TM_ERR_OPTION_INVALID'],
  ])('the options %o are refused', (options, code) => {
    expect(() => enableTracing(options as never)).toThrow(expect.objectContaining({ code }));
    handler.sync();
    expect(spans.named('Store/sync').ended).toBe(true);
  });
});

describe('switching', () => {
  it('enabling tracing twice creates one span for a call', () => {
    enableTracing();
    handler.sync();
    expect(spans.named('Store/sync').ended).toBe(true);
  });

  it('tracing that was enabled several times is disabled by one call', () => {
    enableTracing();
    disable();
    handler.sync();
    expect(spans.all().map(({ name }) => name)).toEqual(['sync query']);
    expect(spans.named('sync query').parentSpanContext).toBeUndefined();
    expect(channel('tracing:thrift.server.call:start').hasSubscribers).toBe(false);
  });

  it('the span of a call that is in progress when tracing is disabled still ends', async () => {
    const call = handler.later();
    disable();
    handler.sync();
    await expect(call).resolves.toBe(2);
    expect(spans.named('Store/later').ended).toBe(true);
    expect(spans.all().map(({ name }) => name)).not.toContain('Store/sync');
    expect(channel('tracing:thrift.server.call:start').hasSubscribers).toBe(false);
  });

  it('a call that is in progress when tracing is enabled again has one span, with its first options', async () => {
    disable();
    const first = enableTracing({ attributes: () => ({ 'app.options': 'first' }) });
    const promise = handler.later();
    first();
    disable = enableTracing({ attributes: () => ({ 'app.options': 'second' }) });
    await promise;
    await handler.later();
    const calls = spans.all().filter(({ name }) => name === 'Store/later');
    expect(calls.map(({ attributes }) => attributes['app.options'])).toEqual(['first', 'second']);
  });
});
