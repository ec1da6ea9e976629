import { afterEach, describe, expect, test } from 'vitest';

import { instrumentClient, instrumentService } from '../../src/index';
import { thrift } from '../support/start-thrift';
import { Answers } from './client/library';
import { clientOf, startTcp } from './client/transports';
import { loadEs6 } from './generated';
import { BINARY_BUFFERED, encode, WIRES, wireOptions, type Wire } from './service/wire';

interface Processor {
  process(input: object, output: object): void;
}

interface Reader {
  commitPosition(): void;
}

type ProcessorClass = new (handler: object) => Processor;

const { service: Library } = loadEs6();
const { Processor: Bare } = Library as unknown as { Processor: ProcessorClass };
const { Processor: Instrumented } = instrumentService({ Processor: Bare });

const limit = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')!;
afterEach(() => void Object.defineProperty(Error, 'stackTraceLimit', limit));

/** The error of the processor when Thrift's server asks for a second message in a packet of one. */
function errorAtEnd(Class: ProcessorClass, wire: Wire, handler: object): Error {
  const { protocol: Protocol, transport: Transport } = wireOptions(wire);
  const processor = new Class(handler);
  let thrown: unknown;
  const receive = Transport.receiver((reader: object) => {
    const input = new Protocol(reader as never);
    const output = new Protocol(new Transport(undefined, () => {}));
    processor.process(input, output);
    (reader as Reader).commitPosition();
    try {
      processor.process(input, output);
    } catch (error) {
      thrown = error;
    }
  }, 0);
  receive(encode(wire, { name: 'ping' }));
  return thrown as Error;
}

const handler = { ping: (answer: (error: null) => void) => answer(null) };

function framesOf({ stack }: Error): number {
  return stack!.split('\n').filter((line) => line.startsWith('    at ')).length;
}

describe('the error that ends a packet', () => {
  test.each(WIRES)(
    'the error that ends a packet is the same, but without a stack trace: $protocol, $transport',
    (wire) => {
      const bare = errorAtEnd(Bare, wire, handler);
      const instrumented = errorAtEnd(Instrumented, wire, handler);

      expect(instrumented.constructor).toBe(bare.constructor);
      expect(Object.entries(instrumented)).toEqual(Object.entries(bare));
      expect(framesOf(bare)).toBeGreaterThan(0);
      expect(framesOf(instrumented)).toBe(0);
    },
  );

  test('the error that ends a packet leaves Error.stackTraceLimit unchanged', () => {
    Error.stackTraceLimit = 7;
    errorAtEnd(Instrumented, BINARY_BUFFERED, handler);
    expect(Error.stackTraceLimit).toBe(7);
  });

  test.each([
    ['is read-only', { value: 10, writable: false, configurable: true }],
    ['is not a number', { value: undefined, writable: true, configurable: true }],
  ])('the error that ends a packet is the same if Error.stackTraceLimit %s', (_, descriptor) => {
    Object.defineProperty(Error, 'stackTraceLimit', descriptor);
    const bare = errorAtEnd(Bare, BINARY_BUFFERED, handler);
    const instrumented = errorAtEnd(Instrumented, BINARY_BUFFERED, handler);
    const { stackTraceLimit } = Error;

    expect(instrumented.constructor).toBe(bare.constructor);
    expect(stackTraceLimit).toBe(descriptor.value);
  });
});

test('an error that a handler throws has its stack trace', () => {
  let thrown: unknown;
  const failing = {
    async ping() {
      thrown = new RangeError('at once');
      throw thrown;
    },
  };
  errorAtEnd(Instrumented, BINARY_BUFFERED, failing);
  expect(framesOf(thrown as Error)).toBeGreaterThan(1);
});

test('in a client, the error that ends a packet has no stack trace, and other errors have one', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library));
  const protocol = thrift.TBinaryProtocol.prototype as { readMessageBegin: () => unknown };
  const { readMessageBegin } = protocol;
  const ends: number[] = [];
  protocol.readMessageBegin = function () {
    try {
      return readMessageBegin.call(this);
    } catch (error) {
      const { name } = error as Error;
      if (name === 'InputBufferUnderrunError') ends.push(framesOf(error as Error));
      throw error;
    }
  };
  try {
    expect(await client.twice!(4)).toBe(8);
    const failure = (await client.divide!(1, 0).catch((error: unknown) => error)) as Error;
    expect(framesOf(failure)).toBeGreaterThan(1);
  } finally {
    protocol.readMessageBegin = readMessageBegin;
  }
  // The server of this process uses the same class and is not instrumented.
  expect(ends.filter((frames) => frames === 0)).toHaveLength(2);
  expect(ends.filter((frames) => frames > 0)).toHaveLength(2);
});
