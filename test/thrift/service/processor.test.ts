import { beforeEach, describe, expect, test } from 'vitest';

import { currentRuntime } from '../../../src/runtime/runtime';
import { instrumentService, resetMetrics } from '../../../src/index';
import { instrumentProcessor } from '../../../src/thrift/service/processor';
import { loadOutputs } from '../generated';
import { countsOf } from './message-counts';
import { multiplexing, start } from './serve';
import { BINARY_FRAMED, encode, wireOptions } from './wire';

type Module = { readonly Processor: new (handler: object) => object };

const handler = { ping: (answer: (error: null) => void) => answer(null) };

beforeEach(resetMetrics);

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

  test('an object that is not a generated processor is left unchanged', () => {
    const processor = { process: () => {} };
    const { process } = processor;

    instrumentProcessor(currentRuntime(), processor);

    expect(processor.process).toBe(process);
    expect(Reflect.ownKeys(processor)).toEqual(['process']);
  });
});
