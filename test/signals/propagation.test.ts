import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { Registry } from 'prom-client';
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  configureMetrics,
  instrumentClient,
  instrumentHandler,
  instrumentService,
} from '../../src/index';
import { enableTracing } from '../../src/opentelemetry';
import { thrift } from '../support/start-thrift';
import { Answers, Library, loadEs5 } from '../thrift/client/library';
import {
  clientOf,
  startHttp,
  startTcp,
  startWebSocket,
  thriftLibrary,
} from '../thrift/client/transports';
import { multiplexing } from '../thrift/service/serve';
import { WIRES, wireOptions } from '../thrift/service/wire';
import { listen } from '../support/listen';
import { collectSpans } from './collect-spans';
import { published } from './published';

thrift.setLogFunc?.(() => {});
beforeAll(() => configureMetrics({ registry: new Registry(), onError: () => {} }));
const spans = collectSpans();
let disable: () => void;
beforeEach(() => {
  disable = enableTracing();
});
afterEach(() => disable());

const CODE = [
  ['ES6', Library],
  ['ES5', loadEs5()],
] as const;

/** Checks that the server span of a method continues its client span. */
function expectOneTrace(method: string): void {
  const client = spans.named(`Library/${method}`, SpanKind.CLIENT);
  const server = spans.named(`Library/${method}`, SpanKind.SERVER);
  expect(server.spanContext().traceId).toBe(client.spanContext().traceId);
  expect(server.parentSpanContext).toMatchObject({
    spanId: client.spanContext().spanId,
    isRemote: true,
  });
}

describe.each([
  ['TCP', startTcp],
  ['HTTP', startHttp],
  ['WebSocket', startWebSocket],
])('over %s', (_, start) => {
  describe.each(WIRES)('$protocol in $transport', (wire) => {
    test.each(CODE)('the context of a client reaches the handler of %s code', async (__, code) => {
      const answers = new Answers();
      const { connect } = await start(
        instrumentService(code),
        instrumentHandler(answers, { service: 'Library' }),
        wireOptions(wire),
      );
      const client = instrumentClient(clientOf(connect(), code));
      const calls = published('server');
      expect(await client['twice']?.(21)).toBe(42);
      await expect(client['divide']?.(1, 0)).rejects.toThrow('by zero');
      // No arguments.
      await client['ping']?.();
      const arrival = answers.arrival();
      await client['note']?.('text');
      await arrival;
      await calls.ended(4);
      for (const method of ['twice', 'divide', 'ping', 'note']) expectOneTrace(method);
      expect(calls.messages.map(({ args }) => args)).toEqual([[21], [1, 0], [], ['text']]);
    });

    test.each(CODE)(
      'a bare server of %s code answers a call with a context as one without',
      async (__, code) => {
        const { connect } = await start(code, new Answers(), wireOptions(wire));
        const client = instrumentClient(clientOf(connect(), code));
        expect(await client['twice']?.(21)).toBe(42);
        await expect(client['divide']?.(1, 0)).rejects.toThrow('by zero');
        await client['ping']?.();
        expect(await client['twice']?.(2)).toBe(4);
      },
    );
  });
});

test.each(WIRES)(
  'the context of a client reaches the handler behind a MultiplexedProcessor, with $protocol in $transport',
  async (wire) => {
    const processor = new multiplexing.MultiplexedProcessor();
    const { Processor } = instrumentService(Library) as unknown as {
      Processor: new (handler: object) => object;
    };
    const handler = instrumentHandler(new Answers(), { service: 'Library' });
    processor.registerProcessor('library', new Processor(handler));
    const server = multiplexing.createMultiplexServer(processor, wireOptions(wire));
    const { port, close } = await listen(server);
    const connection = thriftLibrary.createConnection('127.0.0.1', port, wireOptions(wire));
    const multiplexer = new thriftLibrary.Multiplexer();
    const client = instrumentClient(multiplexer.createClient('library', Library, connection));
    expect(await client.twice(21)).toBe(42);
    expect(await client.divide(42, 2)).toBe(21);
    expectOneTrace('twice');
    expectOneTrace('divide');
    connection.end();
    await close();
  },
);

test('one trace leads through three services', async () => {
  const last = await startTcp(
    instrumentService(Library),
    instrumentHandler(new Answers(), { service: 'Last' }),
  );
  const toLast = instrumentClient(clientOf(last.connect(), Library), { name: 'to last' });
  const middle = await startTcp(
    instrumentService(Library),
    instrumentHandler(
      { twice: async (number: number): Promise<unknown> => toLast['twice']?.(number) },
      { service: 'Middle' },
    ),
  );
  const toMiddle = instrumentClient(clientOf(middle.connect(), Library), { name: 'to middle' });
  const first = await startTcp(
    instrumentService(Library),
    instrumentHandler(
      {
        twice: (number: number, answer: (error: unknown, result?: unknown) => void) => {
          toMiddle['twice']?.(number).then((result: unknown) => answer(null, result), answer);
        },
      },
      { service: 'First' },
    ),
  );
  const client = instrumentClient(clientOf(first.connect(), Library));
  expect(await client['twice']?.(21)).toBe(42);
  const { traceId } = spans.named('Last/twice').spanContext();
  expect(spans.all().map((span) => span.spanContext().traceId)).toEqual(
    Array.from({ length: 6 }, () => traceId),
  );
});

test('with propagation false, no context is sent', async () => {
  enableTracing({ propagation: false });
  const { connect } = await startTcp(
    instrumentService(Library),
    instrumentHandler(new Answers(), { service: 'Library' }),
  );
  const client = instrumentClient(clientOf(connect(), Library));
  expect(await client['twice']?.(21)).toBe(42);
  const server = spans.named('Library/twice', SpanKind.SERVER);
  expect(server.parentSpanContext).toBeUndefined();
});

test.each(['TBufferedTransport', 'TFramedTransport'] as const)(
  'the context travels in the headers of THeaderProtocol over %s',
  async (transport) => {
    enableTracing({ propagation: 'theader' });
    const options = {
      protocol: (thrift as unknown as { THeaderProtocol: object }).THeaderProtocol,
      transport: thrift[transport],
    };
    const { connect } = await startTcp(
      instrumentService(Library),
      instrumentHandler(new Answers(), { service: 'Library' }),
      options,
    );
    const client = instrumentClient(clientOf(connect(), loadEs5()));
    const calls = published('server');
    client['note']?.('text', () => {});
    await calls.ended(1);
    expectOneTrace('note');
    expect(client['output']).toMatchObject({ wheaders: {} });
  },
);

test('with propagation theader, no context is sent over other protocols than THeaderProtocol', async () => {
  enableTracing({ propagation: 'theader' });
  const { connect } = await startTcp(
    instrumentService(Library),
    instrumentHandler(new Answers(), { service: 'Library' }),
  );
  const client = instrumentClient(clientOf(connect(), Library));
  expect(await client['twice']?.(21)).toBe(42);
  expect(spans.named('Library/twice', SpanKind.SERVER).parentSpanContext).toBeUndefined();
});

test('baggage reaches the handler', async () => {
  const seen: unknown[] = [];
  const handler = {
    twice: async (number: number): Promise<number> => {
      await Promise.resolve();
      seen.push(propagation.getActiveBaggage()?.getEntry('tenant')?.value);
      return 2 * number;
    },
  };
  const { connect } = await startTcp(
    instrumentService(Library),
    instrumentHandler(handler, { service: 'Library' }),
  );
  const client = instrumentClient(clientOf(connect(), Library));
  const baggage = propagation.createBaggage({ tenant: { value: 'acme' } });
  const result: unknown = await context.with(
    propagation.setBaggage(context.active(), baggage),
    async () => client['twice']?.(21),
  );
  expect({ result, seen }).toEqual({ result: 42, seen: ['acme'] });
});

test('a client whose protocol objects are frozen sends its calls without a context', async () => {
  const { connect } = await startTcp(
    instrumentService(Library),
    instrumentHandler(new Answers(), { service: 'Library' }),
  );
  const client = clientOf(connect(), Library);
  const frozen = function (transport: never): object {
    return Object.freeze(new thrift.TBinaryProtocol(transport));
  };
  Object.assign(client, { pClass: frozen });
  instrumentClient(client);
  expect(await client['twice']?.(21)).toBe(42);
  expect(spans.named('Library/twice', SpanKind.SERVER).parentSpanContext).toBeUndefined();
});

test('more than 8 KiB of context is not written', async () => {
  const { connect } = await startTcp(
    instrumentService(Library),
    instrumentHandler(new Answers(), { service: 'Library' }),
  );
  const client = instrumentClient(clientOf(connect(), Library));
  const value = 'x'.repeat(4000);
  const baggage = propagation.createBaggage({ a: { value }, b: { value }, c: { value } });
  await context.with(propagation.setBaggage(context.active(), baggage), async () =>
    client['twice']?.(21),
  );
  expectOneTrace('twice');
});

test('a oneway call from the callback of another oneway call has a context of its own', async () => {
  const answers = new Answers();
  const { connect } = await startTcp(
    instrumentService(Library),
    instrumentHandler(answers, { service: 'Library' }),
  );
  const client = instrumentClient(clientOf(connect(), loadEs5()));
  const calls = published('server');
  client['note']?.('first', () => client['note']?.('second', () => {}));
  await calls.ended(2);
  const all = spans.all().filter(({ name }) => name === 'Library/note');
  const sent = all.filter(({ kind }) => kind === SpanKind.CLIENT);
  const parents = all.map(({ parentSpanContext }) => parentSpanContext?.spanId);
  expect(sent).toHaveLength(2);
  for (const span of sent) expect(parents).toContain(span.spanContext().spanId);
  expect(trace.getActiveSpan()).toBeUndefined();
});

describe.each(WIRES)('the bytes of $protocol in $transport', (wire) => {
  /** What a client writes for some calls. */
  function writtenBy(instrument: (client: object) => object): Buffer {
    const { protocol, transport } = wireOptions(wire);
    const written: Buffer[] = [];
    const connection = Object.assign(new thriftLibrary.Connection(new (require('node:events'))()), {
      protocol,
      transport,
      write: (data: Buffer) => void written.push(Buffer.from(data)),
    });
    const client = instrument(clientOf(connection, Library)) as ReturnType<typeof clientOf>;
    void client['twice']?.(21);
    void client['ping']?.();
    void client['note']?.('text');
    return Buffer.concat(written);
  }

  const bare = (): Buffer => writtenBy((client) => client);

  test('an untraced call is written like that of a bare client', () => {
    disable();
    expect(writtenBy((client) => instrumentClient(client))).toEqual(bare());
  });

  test('with propagation false, a traced call is written like that of a bare client', () => {
    enableTracing({ propagation: false });
    expect(writtenBy((client) => instrumentClient(client))).toEqual(bare());
  });

  test('a traced call carries the context, and leaves the next client as it was', () => {
    const traced = writtenBy((client) => instrumentClient(client));
    expect(traced.toString('latin1')).toContain('traceparent');
    expect(traced.length).toBeGreaterThan(bare().length);
    expect(bare().toString('latin1')).not.toContain('traceparent');
  });
});
