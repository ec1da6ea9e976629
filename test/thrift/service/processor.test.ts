import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { currentRuntime } from '../../../src/runtime/runtime';
import { configureMetrics, instrumentService, resetMetrics } from '../../../src/index';
import { instrumentProcessor } from '../../../src/thrift/service/processor';
import { loadOutputs } from '../generated';
import { counting, countsOf } from './message-counts';
import { multiplexing, start } from './serve';
import { BINARY_FRAMED, encode, wireOptions } from './wire';

type Module = { readonly Processor: new (handler: object) => object };

const handler = { ping: (answer: (error: null) => void) => answer(null) };

let reports: string[];
beforeEach(() => {
  resetMetrics();
  reports = [];
  configureMetrics({ onError: (_error, site) => reports.push(site) });
});

async function call(processor: object): Promise<void> {
  const options = wireOptions(BINARY_FRAMED);
  const server = multiplexing.createMultiplexServer(processor, options);
  const { connect } = await start(server, BINARY_FRAMED);
  const client = await connect();
  await client.deliver(encode(BINARY_FRAMED, { name: 'ping' }));
  await client.replies(1);
}

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const module = generated.service as unknown as Module;
  const { style } = generated;

  test('instrumenting an existing processor does not instrument its class', async () => {
    const processor = new module.Processor(handler);
    const keys = Object.keys(processor);

    expect(instrumentProcessor(currentRuntime(), processor)).toBe(processor);
    expect(Object.keys(processor)).toEqual(keys);
    await call(processor);
    await call(new module.Processor(handler));

    expect((await countsOf('ping')).messages).toEqual({ 'call reply': 1 });
  });

  test('an instrumented processor counts under the given service name', async () => {
    const service = `Given${style}`;

    await call(instrumentProcessor(currentRuntime(), new module.Processor(handler), { service }));

    expect((await countsOf('ping', service)).messages).toEqual({ 'call reply': 1 });
  });

  test('an instrumented processor is not instrumented again', async () => {
    const processor = new module.Processor(handler);
    instrumentProcessor(currentRuntime(), processor);
    const instrumented = Reflect.get(processor, 'process') as unknown;
    instrumentProcessor(currentRuntime(), processor);
    expect(Reflect.get(processor, 'process')).toBe(instrumented);
    const ofClass = instrumentProcessor(
      currentRuntime(),
      new (instrumentService(module).Processor)(handler),
    );

    await call(processor);
    await call(ofClass);

    expect((await countsOf('ping')).messages).toEqual({ 'call reply': 2 });
  });

  test('the constructor of an instrumented class is described as that of any class', () => {
    const { Processor } = instrumentService(module);
    const { prototype } = Processor;
    expect(Object.getOwnPropertyDescriptor(prototype, 'constructor')).toEqual({
      ...Object.getOwnPropertyDescriptor(class {}.prototype, 'constructor'),
      value: Processor,
    });
    expect(Object.keys(prototype)).toEqual([]);
  });

  test('a processor that was created without its constructor is counted, and instrumented once', async () => {
    const { prototype } = instrumentService(module).Processor;
    const processor = Object.assign(Object.create(prototype) as object, { _handler: handler });

    await call(processor);
    await call(processor);

    expect((await countsOf('ping')).messages).toEqual({ 'call reply': 2 });
    expect(reports).toEqual([]);
  });

  test('an instrumented class that is instrumented again counts once', async () => {
    const { Processor } = instrumentService(instrumentService(module));

    await call(new Processor(handler));

    expect((await countsOf('ping')).messages).toEqual({ 'call reply': 1 });
    expect(reports).toEqual([]);
  });

  test('nothing is counted while metrics are switched off', async () => {
    const processor = instrumentProcessor(currentRuntime(), new module.Processor(handler));
    configureMetrics({ enabled: false });
    onTestFinished(() => configureMetrics({ enabled: true }));

    await call(processor);

    expect(await countsOf('ping')).toEqual(counting({ messages: {}, requests: 0 }));
  });

  test('a processor whose handler cannot be read at first answers, is reported, and counts once it can be', async () => {
    // Once when it is instrumented, and once at the first call, before generated code reads it.
    let failures = 2;
    const processor = new module.Processor(handler);
    Object.defineProperty(processor, '_handler', {
      get: () => {
        if (failures-- > 0) throw new Error('not yet');
        return handler;
      },
    });

    instrumentProcessor(currentRuntime(), processor);
    await call(processor);
    expect(reports).toEqual(['processor']);
    await call(processor);
    expect(reports).toEqual(['processor']);
    expect((await countsOf('ping')).messages).toEqual({ 'call reply': 1 });
  });

  test('an object that is not a generated processor is left unchanged', () => {
    const processor = { process: () => {} };
    const { process } = processor;

    instrumentProcessor(currentRuntime(), processor);

    expect(processor.process).toBe(process);
    expect(Reflect.ownKeys(processor)).toEqual(['process']);
  });
});
