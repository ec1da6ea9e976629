import { inherits } from 'node:util';

import { register, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import {
  configureMetrics,
  Counted,
  Instrumented,
  instrumentService,
  resetMetrics,
  ThriftService,
} from '../../../src/index';
import type { AgeCell } from '../../../src/metrics/cell';
import { errorOf } from '../../support/error-of';
import { familyNamed, seriesWith } from '../../support/family-named';
import { thrift, type Service } from '../../support/start-thrift';
import { samplesOf } from '../../support/value-of';
import { countsOf } from './message-counts';
import { loadEs5, loadEs6, loadOutputs } from '../generated';
import { serve } from './serve';
import { BINARY_FRAMED, encode } from './wire';

type Processor = (new (handler: object) => object) & { readonly prototype: object };
type Input = InstanceType<typeof thrift.TBinaryProtocol>;
type Output = Input;
type Module = { readonly Processor: Processor; readonly Client: unknown };

const handler = {
  ping: (answer: (error: null) => void) => answer(null),
  clear: (answer: (error: null) => void) => answer(null),
};

beforeEach(resetMetrics);
afterEach(() => configureMetrics({ registry: register, onError: () => {} }));

/** Sends one `ping` and one `clear`; the library inherits the latter from the shelf. */
async function call(
  service: object,
  itsHandler: object = handler,
  names = ['ping', 'clear'],
): Promise<void> {
  const { connect } = await serve(service as Service, itsHandler, BINARY_FRAMED);
  const client = await connect();
  for (const name of names) await client.deliver(encode(BINARY_FRAMED, { name }));
  await client.replies(2);
}

const messagesOf = async (method: string, service?: string) =>
  (await countsOf(method, service)).messages;

async function seriesOf(service: string): Promise<string[]> {
  return (await samplesOf(register))
    .filter(({ name, labels }) => labels.thrift_service === service && !name.endsWith('_bucket'))
    .map(({ name, labels, value }) => {
      const { thrift_service: _, ...others } = labels;
      return `${name} ${Object.values(others)
        .map(String)
        .toSorted((a, b) => (a < b ? -1 : 1))
        .join(' ')} ${value}`;
    })
    .toSorted();
}

describe.each(loadOutputs())('generated code in $style', (generated) => {
  const module = generated.service as unknown as Module;
  const { style } = generated;

  test('the service name defaults to the service of the generated code', async () => {
    await call(instrumentService(module));

    expect(await messagesOf('ping')).toEqual({ 'call reply': 1 });
    expect(await messagesOf('clear')).toEqual({ 'call reply': 1 });
  });

  test('the service option applies to every method', async () => {
    const service = `Option${style}`;
    @Instrumented({ service: 'Another' })
    class Handler {
      ping(answer: (error: null) => void) {
        answer(null);
      }
      clear(answer: (error: null) => void) {
        answer(null);
      }
    }

    await call(instrumentService(module, { service }), new Handler());

    expect(await messagesOf('ping', service)).toEqual({ 'call reply': 1 });
    expect(await messagesOf('clear', service)).toEqual({ 'call reply': 1 });
    expect(await messagesOf('_unknown', service)).toEqual({});
  });

  test('methods that a decorated handler measures count under the service of the handler', async () => {
    const service = `Named${style}`;
    @ThriftService(service)
    class Handler {
      @Counted
      ping(answer: (error: null) => void) {
        answer(null);
      }
      clear(answer: (error: null) => void) {
        answer(null);
      }
    }

    await call(instrumentService(module), new Handler());

    expect(await messagesOf('ping', service)).toEqual({ 'call reply': 1 });
    expect(await messagesOf('clear')).toEqual({ 'call reply': 1 });
  });

  test('every known series is 0 once the processor is constructed', async () => {
    const service = `Zero${style}`;
    @ThriftService(service)
    class Handler {
      @Counted
      divide() {}
      @Counted
      note() {}
    }
    const { Processor } = instrumentService(module);

    new Processor(new Handler());

    const inBoth = (method: string) => [
      `thrift_server_active_messages ${method} 0`,
      `thrift_server_oldest_active_request_seconds ${method} 0`,
      `thrift_server_request_decode_seconds_count ${method} 0`,
      `thrift_server_request_decode_seconds_sum ${method} 0`,
      `thrift_server_request_size_bytes_count ${method} 0`,
      `thrift_server_request_size_bytes_sum ${method} 0`,
      `thrift_server_requests_total ${method} 0`,
    ];
    expect(await seriesOf(service)).toEqual(
      [
        ...inBoth('divide'),
        ...inBoth('note'),
        'thrift_server_lost_replies_total disconnected divide 0',
        'thrift_server_lost_replies_total divide unserializable 0',
        'thrift_server_messages_total call divide exception 0',
        'thrift_server_messages_total call divide none 0',
        'thrift_server_messages_total call divide reply 0',
        'thrift_server_messages_total none note oneway 0',
        'thrift_server_response_size_bytes_count divide 0',
        'thrift_server_response_size_bytes_sum divide 0',
        'thrift_server_response_write_seconds_count divide 0',
        'thrift_server_response_write_seconds_sum divide 0',
      ].toSorted(),
    );
  });

  test('with the service option, every series is 0 before there is a handler', async () => {
    const service = `Early${style}`;

    instrumentService(module, { service });

    const series = await seriesOf(service);
    expect(series).toContain('thrift_server_messages_total call divide reply 0');
    expect(series).toContain('thrift_server_messages_total call clear none 0');
    expect(series.filter((text) => !text.endsWith(' 0'))).toEqual([]);
  });

  test('of methods that the service does not have, there are series for exceptions, and none for handlers', async () => {
    const service = `Unknown${style}`;

    instrumentService(module, { service });

    const series = (await seriesOf(service)).filter((text) => text.includes(' _unknown '));
    expect(series).toEqual(
      [
        'thrift_server_active_messages _unknown 0',
        'thrift_server_request_decode_seconds_count _unknown 0',
        'thrift_server_request_decode_seconds_sum _unknown 0',
        'thrift_server_request_size_bytes_count _unknown 0',
        'thrift_server_request_size_bytes_sum _unknown 0',
        'thrift_server_lost_replies_total _unknown disconnected 0',
        'thrift_server_lost_replies_total _unknown unserializable 0',
        'thrift_server_messages_total _unknown call exception 0',
        'thrift_server_response_size_bytes_count _unknown 0',
        'thrift_server_response_size_bytes_sum _unknown 0',
        'thrift_server_response_write_seconds_count _unknown 0',
        'thrift_server_response_write_seconds_sum _unknown 0',
      ].toSorted(),
    );
  });

  test('methods of a handler that was created without its constructor count under the generated service', async () => {
    class UnconstructedHandler {
      @Counted
      ping(answer: (error: null) => void) {
        answer(null);
      }
      clear(answer: (error: null) => void) {
        answer(null);
      }
    }
    const unconstructed = Object.create(UnconstructedHandler.prototype) as object;

    await call(instrumentService(module), unconstructed);

    expect(await messagesOf('ping')).toEqual({ 'call reply': 1 });
    expect(await messagesOf('clear')).toEqual({ 'call reply': 1 });
  });

  test('methods of a handler whose class has no name count under the generated service', async () => {
    // As a minifier leaves it.
    class NamelessHandler {
      @Counted
      ping(answer: (error: null) => void) {
        answer(null);
      }
      @Counted
      clear(answer: (error: null) => void) {
        answer(null);
      }
    }
    Object.defineProperty(NamelessHandler, 'name', { value: '' });

    await call(instrumentService(module), new NamelessHandler());

    expect(await messagesOf('ping')).toEqual({ 'call reply': 1 });
    expect(await messagesOf('clear')).toEqual({ 'call reply': 1 });
  });

  test('the processor of an instrumented module can be replaced like any property', () => {
    const instrumented = instrumentService(module);
    expect(Object.getOwnPropertyDescriptor(instrumented, 'Processor')).toEqual({
      ...Object.getOwnPropertyDescriptor({ Processor: null }, 'Processor'),
      value: instrumented.Processor,
    });
  });

  test('instrumentService leaves the module unchanged and returns one with the same exports', () => {
    const before = Object.getOwnPropertyDescriptors(module);
    const { process } = module.Processor.prototype as { process?: unknown };

    const instrumented = instrumentService(module);

    expect(Object.getOwnPropertyDescriptors(module)).toEqual(before);
    expect((module.Processor.prototype as { process?: unknown }).process).toBe(process);
    expect(Object.keys(instrumented).toSorted()).toEqual(Object.keys(module).toSorted());
    expect(instrumented.Client).toBe(module.Client);
    expect(instrumented.Processor).not.toBe(module.Processor);
  });

  test('a frozen module, a module of getters and a module without a prototype are accepted', async () => {
    const readOnly = Object.freeze({ ...module });
    const getters = Object.defineProperties({} as Module, {
      Processor: { get: () => module.Processor, enumerable: true },
      Client: { get: () => module.Client, enumerable: true },
    });
    const bare = Object.assign(Object.create(null) as object, module);

    for (const each of [readOnly, getters, bare]) await call(instrumentService(each));

    expect(await messagesOf('ping')).toEqual({ 'call reply': 3 });
  });

  test('an instrumented processor has the class, name, length and statics of the original', () => {
    const { Processor } = instrumentService(module);

    const processor = new Processor(handler);

    expect(processor).toBeInstanceOf(module.Processor);
    expect(processor).toBeInstanceOf(Processor);
    expect(processor.constructor).toBe(Processor);
    expect(Object.keys(processor)).toEqual(Object.keys(new module.Processor(handler)));
    expect(Processor.name).toBe(module.Processor.name);
    expect(Processor).toHaveLength(module.Processor.length);
    expect(Object.getPrototypeOf(Processor)).toBe(module.Processor);
  });

  test('a processor class is accepted like a module, as createServer does', async () => {
    const Processor = instrumentService(module.Processor);

    expect(new Processor(handler)).toBeInstanceOf(module.Processor);
    await call(Processor);
    expect(await messagesOf('ping')).toEqual({ 'call reply': 1 });
  });

  test('an instrumented service is not instrumented again', async () => {
    const once = instrumentService(module);
    const twice = instrumentService(once);
    const ofClass = instrumentService(once.Processor);

    expect(twice).toBe(once);
    await call(twice);
    await call(ofClass);

    expect(await messagesOf('ping')).toEqual({ 'call reply': 2 });
  });

  test('an instrumented service can be given another name and counts once under it', async () => {
    const service = `Renamed${style}`;
    const onError = vi.fn();
    configureMetrics({ onError });
    const once = instrumentService(module, { service: `First${style}` });

    await call(instrumentService(once, { service }));
    await call(once);

    expect(await messagesOf('ping', service)).toEqual({ 'call reply': 1 });
    expect(await messagesOf('ping', `First${style}`)).toEqual({ 'call reply': 1 });
    expect(onError).not.toHaveBeenCalled();
  });

  test('two instrumented modules of one service share their series', async () => {
    await call(instrumentService(module));
    await call(instrumentService(module));

    expect(await messagesOf('ping')).toEqual({ 'call reply': 2 });
  });

  test('a subclass of an instrumented processor is instrumented, including its overrides', async () => {
    const { Processor } = instrumentService(module);
    const seen: unknown[] = [];
    class Subclass extends Processor {
      process_ping(...args: unknown[]): unknown {
        seen.push(args[0]);
        const { process_ping } = Processor.prototype as {
          process_ping: (...all: unknown[]) => void;
        };
        return process_ping.apply(this, args);
      }
      process_note(...args: unknown[]): unknown {
        const { process_note } = Processor.prototype as {
          process_note: (...all: unknown[]) => void;
        };
        return process_note.apply(this, args);
      }
    }

    await call(Subclass, { ...handler, note: () => {} }, ['ping', 'note', 'clear']);

    expect(seen).toEqual([1]);
    expect(await messagesOf('ping')).toEqual({ 'call reply': 1 });
    expect(await messagesOf('note')).toEqual({ 'oneway none': 1 });
  });

  test('a custom subclass of a processor is instrumented under the service of its base class', async () => {
    const seen: unknown[] = [];
    class Logging extends module.Processor {
      process(input: unknown, output: unknown): unknown {
        seen.push(input);
        const { process } = module.Processor.prototype as {
          process: (...all: unknown[]) => unknown;
        };
        return process.call(this, input, output);
      }
    }

    await call(instrumentService({ Processor: Logging }));

    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(await messagesOf('ping')).toEqual({ 'call reply': 1 });
  });

  test('constructing a processor for each connection adds no series and no state', async () => {
    const { Processor } = instrumentService(module);
    new Processor(handler);
    const before = await samplesOf(register);
    const oldest = familyNamed(register, 'thrift_server_oldest_active_request_seconds', 'gauge');
    const { cell } = seriesWith(oldest, { thrift_service: 'Library', thrift_method: 'ping' });
    const { size } = (cell as AgeCell).sources;

    for (let i = 0; i < 100; i++) new Processor({ ...handler });

    expect(await samplesOf(register)).toHaveLength(before.length);
    expect((cell as AgeCell).sources.size).toBe(size);
  });
});

test('an ES5 processor can be called on an existing object', async () => {
  const { Processor } = instrumentService(loadEs5().service as unknown as Module);
  const Inheriting = function (this: object, itsHandler: object) {
    (Processor as unknown as Function).call(this, itsHandler);
  };
  inherits(Inheriting, Processor);

  await call(Inheriting);

  expect(await messagesOf('ping')).toEqual({ 'call reply': 1 });
});

test('an ES5 processor can be called on an object of another class, like the original', () => {
  const module = loadEs5().service as unknown as Module;
  const onError = vi.fn();
  configureMetrics({ onError });
  const callOn = (object: object, { Processor }: Module): object => {
    (Processor as unknown as Function).call(object, handler);
    return object;
  };
  const bare = callOn({}, module);
  expect(callOn({}, instrumentService(module))).toEqual(bare);
  expect(onError).not.toHaveBeenCalled();
});

test('a service whose generated code has lost its names counts under _unknown', async () => {
  // As a minifier leaves it: the methods keep their names, and the classes do not.
  const Processor = class {
    constructor(readonly _handler: { ping(): void }) {}

    process(input: Input, output: Output): void {
      const { fname, rseqid } = input.readMessageBegin();
      if (fname === 'ping') this.process_ping(rseqid, input, output);
    }

    process_ping(seqid: number, input: Input, output: Output): void {
      input.skip(thrift.Thrift.Type.STRUCT);
      input.readMessageEnd();
      this._handler.ping();
      output.writeMessageBegin('ping', thrift.Thrift.MessageType.REPLY, seqid);
      output.writeStructBegin('result');
      output.writeFieldStop();
      output.writeStructEnd();
      output.writeMessageEnd();
      output.flush();
    }
  };
  Object.defineProperty(Processor, 'name', { value: 'a' });
  const pinged = vi.fn();
  const { connect } = await serve(
    instrumentService({ Processor }) as unknown as Service,
    { ping: pinged },
    BINARY_FRAMED,
  );
  const client = await connect();
  await client.deliver(encode(BINARY_FRAMED, { name: 'ping' }));
  await client.replies(1);

  expect(pinged).toHaveBeenCalledTimes(1);
  expect(await messagesOf('ping', '_unknown')).toEqual({ 'call reply': 1 });
});

test('an instrumented ES6 processor cannot be called without new, like the original', () => {
  const { service } = loadEs6() as unknown as { service: Module };
  const callIt = ({ Processor }: Module) => (Processor as unknown as Function).call({}, handler);
  const messageOf = (action: () => unknown): string => {
    try {
      return String(action());
    } catch (error) {
      return String(error);
    }
  };

  const bare = messageOf(() => callIt(service));
  expect(bare).toContain('TypeError');
  expect(messageOf(() => callIt(instrumentService(service)))).toBe(bare);
});

test.each([
  ['nothing', undefined],
  ['a number', 3],
  ['an object without a processor', { Client: class {} }],
  ['a class that is not a processor', class {}],
  ['a function without a prototype', () => {}],
  ['a module whose Processor is not a processor', { Processor: {} }],
])('%s is refused as a service', (_, service) => {
  const { code, message } = errorOf(() => instrumentService(service as never));
  expect(code).toBe('TM_ERR_OPTION_INVALID');
  expect(message).toMatch(/^instrumentService: the service is .*Processor/);
});

test('instrumentService refuses wrong options', () => {
  const { service } = loadEs6();
  const use = (options: unknown) => errorOf(() => instrumentService(service, options as never));
  expect(use({ service: '' }).code).toBe('TM_ERR_OPTION_INVALID');
  expect(use({ service: 3 }).code).toBe('TM_ERR_OPTION_INVALID');
  expect(use({ name: 'X' })).toMatchObject({
    code: 'TM_ERR_OPTION_UNKNOWN',
    message: "instrumentService: option 'name' is unknown. Allowed options: service.",
  });
  expect(use(null).code).toBe('TM_ERR_OPTION_INVALID');
});

test('the metrics of a service move to another registry', async () => {
  const other = new Registry();
  await call(instrumentService(loadEs6().service));
  configureMetrics({ registry: other });
  await call(instrumentService(loadEs6().service));

  const found = (await samplesOf(other)).find(
    ({ name, labels }) =>
      name === 'thrift_server_messages_total' &&
      labels.thrift_service === 'Library' &&
      labels.thrift_method === 'ping' &&
      labels.thrift_reply === 'reply',
  );
  expect(found?.value).toBe(2);
});
