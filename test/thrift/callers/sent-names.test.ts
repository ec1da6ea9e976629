import { context, propagation } from '@opentelemetry/api';
import { Registry } from 'prom-client';
import { afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import {
  configureMetrics,
  instrumentClient,
  instrumentHandler,
  instrumentServer,
  instrumentService,
} from '../../../src/index';
import { enableTracing, type TracingOptions } from '../../../src/opentelemetry';
import { currentRuntime, Runtime } from '../../../src/runtime/runtime';
import type { InstrumentedClient } from '../../../src/thrift/client/instrumented-client';
import { ownNameOf } from '../../../src/thrift/client/own-name';
import { serviceMetricsOf } from '../../../src/thrift/service/method-metrics';
import { collectSpans } from '../../signals/collect-spans';
import { thrift } from '../../support/start-thrift';
import { Answers, Library, loadEs5, type AnyClient } from '../client/library';
import { clientOf, STARTS, startTcp, thriftLibrary } from '../client/transports';
import { WIRES, wireOptions } from '../service/wire';
import { callersOf } from './caller-counts';

thrift.setLogFunc?.(() => {});

let registry: Registry;
let reports: string[];
beforeEach(() => {
  registry = new Registry();
  reports = [];
  configureMetrics({
    registry,
    callers: true,
    onError: (error) => void reports.push((error as Error).message),
  });
});

/** Sets `callers` back to its default, which no option does. */
const unset = (): void => void (currentRuntime().settings.callers = null);

// The program of this test serves several services, so it has no name, and its clients send their own.
beforeAll(() => {
  for (const service of ['Orders', 'Stock']) {
    serviceMetricsOf(currentRuntime()).method(service, 'add', 'call');
  }
});

let services = 0;
const nextService = (): string => `Sent${++services}`;

/** Starts a measured server of a service, and returns what connects to it. */
async function startServer(service: string, handler: object = new Answers(), options: object = {}) {
  const measured = instrumentHandler(handler, { service });
  const { server, connect } = await startTcp(
    instrumentService(Library, { service }),
    measured,
    options,
  );
  instrumentServer(server);
  return connect;
}

describe.each(WIRES)('$protocol in $transport', (wire) => {
  test.each([
    ['ES6', Library],
    ['ES5', loadEs5()],
  ])('a client of %s code sends its name in every request', async (_, code) => {
    const service = nextService();
    const answers = new Answers();
    const connect = await startServer(service, answers, wireOptions(wire));
    const client = instrumentClient(clientOf(connect(), code), { name: 'checkout' });
    expect(await client['twice']?.(21)).toBe(42);
    await expect(client['divide']?.(1, 0)).rejects.toThrow('by zero');
    await client['ping']?.();
    const arrival = answers.arrival();
    await client['note']?.('text');
    await arrival;
    expect(await callersOf(registry, service)).toMatchObject({ checkout: [4, 1] });
  });
});

test.each(STARTS)(
  'over %s, a bare server answers a client that sends its name',
  async (_, start) => {
    const { connect } = await start(Library, new Answers());
    const client = instrumentClient(clientOf(connect(), Library), { name: 'checkout' });
    expect(await client['twice']?.(21)).toBe(42);
    await expect(client['divide']?.(1, 0)).rejects.toThrow('by zero');
  },
);

test('the name travels in the headers of THeaderProtocol if contexts do', async () => {
  const disable = enableTracing({ propagation: 'theader' });
  onTestFinished(disable);
  const service = nextService();
  const connect = await startServer(service, new Answers(), {
    protocol: thriftLibrary.THeaderProtocol,
    transport: thrift.TFramedTransport,
  });
  const client = instrumentClient(clientOf(connect(), Library), { name: 'checkout' });
  expect(await client['twice']?.(21)).toBe(42);
  expect(await callersOf(registry, service)).toMatchObject({ checkout: [1, 0] });
});

/** Makes a call through a client, and returns the bytes of its request. */
async function bytesOf(way: (client: AnyClient) => AnyClient): Promise<string> {
  const { server, connect } = await startTcp(Library, new Answers());
  const bytes: Buffer[] = [];
  server.on('connection', (socket) => socket.on('data', (data: Buffer) => bytes.push(data)));
  const client = way(clientOf(connect(), Library));
  expect(await client['twice']?.(21)).toBe(42);
  return Buffer.concat(bytes).toString('hex');
}

test('without callers: true, a call without a context has the bytes of a bare client', async () => {
  const bare = await bytesOf((client) => client);
  const named = (client: AnyClient): AnyClient => instrumentClient(client, { name: 'checkout' });
  expect(await bytesOf(named)).not.toBe(bare);
  unset();
  expect(await bytesOf(named)).toBe(bare);
  configureMetrics({ callers: false });
  expect(await bytesOf(named)).toBe(bare);
});

test('a client without a name sends nothing, which is reported once with what to do', async () => {
  const runtime = new Runtime();
  const found = ownNameOf(runtime).of({ isNamed: false } as InstrumentedClient);
  expect(found).toBeNull();
  const onError = (error: unknown): void => void reports.push((error as Error).message);
  runtime.settings.onError = onError;
  ownNameOf(runtime).reportMissing('Library');
  ownNameOf(runtime).reportMissing('Library');
  expect(reports).toHaveLength(1);
  expect(reports[0]).toContain('THRIFT_METRICS_CALLER_NAME');
});

describe('the order of names', () => {
  const client = { isNamed: true, profile: { name: 'of the client' } } as InstrumentedClient;
  const unnamed = { isNamed: false, profile: { name: 'Library' } } as InstrumentedClient;

  /** The name that a client sends in a program with these settings and variables. */
  function nameIn(
    settings: Partial<Runtime['settings']>,
    env: Record<string, string>,
    of: InstrumentedClient,
  ): string | null {
    const before = { ...process.env };
    onTestFinished(() => void (process.env = before));
    Object.assign(process.env, env);
    const runtime = new Runtime();
    Object.assign(runtime.settings, settings);
    return ownNameOf(runtime).of(of);
  }

  const env = { OTEL_SERVICE_NAME: 'of the environment' };
  const labels = { defaultLabels: { service: 'of the label' } };

  test.each([
    ['callerName, before any other name', { callerName: 'own', ...labels }, env, client, 'own'],
    ['OTEL_SERVICE_NAME, before the default label', labels, env, client, 'of the environment'],
    [
      'the default label service, before the name of the client',
      labels,
      {},
      client,
      'of the label',
    ],
    ['the name of the client, if the program has none', {}, {}, client, 'of the client'],
    ['nothing, if neither has a name', {}, {}, unnamed, null],
    ['cut to 256 characters', { callerName: 'n'.repeat(300) }, {}, client, `${'n'.repeat(255)}…`],
  ])('the name that a client sends is %s', (_, settings, variables, of, name) => {
    expect(nameIn(settings, variables, of)).toBe(name);
  });
});

test('a program that serves one service calls others under the name of that service', () => {
  const runtime = new Runtime();
  // The name of a client is often that of the program that it calls.
  const client = { isNamed: true, profile: { name: 'Stock' } } as InstrumentedClient;
  const name = (): string | null => ownNameOf(runtime).of(client);
  const metrics = serviceMetricsOf(runtime);
  runtime.settings.registry = new Registry();
  metrics.method('Orders', 'add', 'call');
  metrics.method('Orders', 'remove', 'call');
  expect(name()).toBe('Orders');
  // It keeps the name.
  metrics.method('Stock', 'find', 'call');
  expect(name()).toBe('Orders');
});

test('a program that serves two services is not named after either', () => {
  const runtime = new Runtime();
  runtime.settings.registry = new Registry();
  for (const service of ['Orders', 'Stock']) serviceMetricsOf(runtime).method(service, 'a', 'call');
  expect(ownNameOf(runtime).of({ isNamed: false } as InstrumentedClient)).toBeNull();
});

test('a service without a name does not name the program, and leaves the name to another one', () => {
  const runtime = new Runtime();
  const name = (): string | null => ownNameOf(runtime).of({ isNamed: false } as InstrumentedClient);
  runtime.settings.registry = new Registry();
  serviceMetricsOf(runtime).method('_unknown', 'add', 'call');
  expect(name()).toBeNull();
  serviceMetricsOf(runtime).method('Orders', 'add', 'call');
  expect(name()).toBe('Orders');
});

describe('with tracing', () => {
  collectSpans();
  let disable = (): void => {};
  afterEach(() => disable());
  const trace = (options: TracingOptions = {}): void => {
    disable = enableTracing(options);
  };

  test.each([
    ['true', true, { checkout: [1, 0] }],
    ['not set', null, { checkout: [1, 0] }],
    ['false', false, {}],
  ])(
    'with callers %s, requests with a trace context name their caller unless it is false',
    async (_, callers, expected) => {
      trace();
      const service = nextService();
      const connect = await startServer(service);
      currentRuntime().settings.callers = callers;
      const client = instrumentClient(clientOf(connect(), Library), { name: 'checkout' });
      expect(await client['twice']?.(21)).toBe(42);
      const { _unknown, ...named } = await callersOf(registry, service);
      expect(named).toEqual(expected);
    },
  );

  test('the name takes the place of another one in the baggage, and leaves the rest', async () => {
    trace();
    const service = nextService();
    const seen: unknown[] = [];
    const handler = {
      async twice(number: number) {
        seen.push(propagation.getActiveBaggage()?.getEntry('tenant')?.value);
        return 2 * number;
      },
    };
    const connect = await startServer(service, handler);
    const client = instrumentClient(clientOf(connect(), Library), { name: 'checkout' });
    const baggage = propagation.createBaggage({
      'thrift.caller': { value: 'impostor' },
      tenant: { value: 'acme, inc' },
    });
    await context.with(propagation.setBaggage(context.active(), baggage), () =>
      client['twice']?.(21),
    );
    expect(seen).toEqual(['acme, inc']);
    expect(await callersOf(registry, service)).toMatchObject({ checkout: [1, 0] });
  });

  test('a name for which the context has no room does not push out the baggage', async () => {
    trace();
    const service = nextService();
    const seen: unknown[] = [];
    const handler = {
      async twice(number: number) {
        seen.push(propagation.getActiveBaggage()?.getAllEntries().length);
        return 2 * number;
      },
    };
    const connect = await startServer(service, handler);
    const client = instrumentClient(clientOf(connect(), Library), { name: 'checkout' });
    // With `traceparent`, 8,178 of the 8,192 bytes that a request carries.
    const value = 'v'.repeat(4050);
    const baggage = propagation.createBaggage({ a: { value }, b: { value } });
    await context.with(propagation.setBaggage(context.active(), baggage), () =>
      client['twice']?.(21),
    );
    expect(seen).toEqual([2]);
    expect(await callersOf(registry, service)).not.toHaveProperty('checkout');
  });

  test('a header that the program has set keeps its value for the requests that follow', async () => {
    trace({ propagation: 'theader' });
    const connect = await startServer(nextService(), new Answers(), {
      protocol: thriftLibrary.THeaderProtocol,
      transport: thrift.TFramedTransport,
    });
    const client = instrumentClient(clientOf(connect(), Library), { name: 'checkout' });
    const output = client['output'] as unknown as {
      setWriteHeader(name: string, value: string): void;
      getWriteHeaders(): object;
    };
    output.setWriteHeader('baggage', 'tenant=acme');
    expect(await client['twice']?.(21)).toBe(42);
    expect({ ...output.getWriteHeaders() }).toEqual({ baggage: 'tenant=acme' });
  });

  test('each service on the way of a call is named by itself', async () => {
    trace();
    const [last, middle] = [nextService(), nextService()];
    const toLast = instrumentClient(clientOf((await startServer(last))(), Library), {
      name: 'middle',
    });
    const connect = await startServer(middle, {
      twice: async (number: number): Promise<unknown> => toLast['twice']?.(number),
    });
    const client = instrumentClient(clientOf(connect(), Library), { name: 'first' });
    expect(await client['twice']?.(21)).toBe(42);
    expect(await callersOf(registry, middle)).toMatchObject({ first: [1, 0] });
    expect(Object.keys(await callersOf(registry, last))).not.toContain('first');
    expect(await callersOf(registry, last)).toMatchObject({ middle: [1, 0] });
  });
});
