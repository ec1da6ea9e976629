import { beforeEach, describe, expect, test } from 'vitest';

import { instrumentService, resetMetrics } from '../../../src/index';
import { thrift } from '../../support/start-thrift';
import { encodeNamedCall } from '../callers/requests';
import { loadEs6 } from '../generated';
import { BINARY_FRAMED, encode } from './wire';

const READERS = ['readStructBegin', 'readStructEnd', 'readFieldBegin'] as const;

type Readers = Record<(typeof READERS)[number], unknown>;
interface Processor {
  process(input: object, output: object): void;
}

const { Processor: Instrumented } = instrumentService(loadEs6().service) as unknown as {
  Processor: new (handler: object) => Processor;
};

const replacedWhile: boolean[] = [];

/** Notes whether its functions are replaced while the arguments are read. */
class NotingProtocol extends thrift.TBinaryProtocol {
  override readStructBegin(): ReturnType<
    InstanceType<typeof thrift.TBinaryProtocol>['readStructBegin']
  > {
    const { prototype } = NotingProtocol;
    replacedWhile.push(READERS.some((name) => Reflect.get(this, name) !== prototype[name]));
    return super.readStructBegin();
  }
}

const named = encodeNamedCall(BINARY_FRAMED, 'thrift.caller=checkout');
const unnamed = encode(BINARY_FRAMED, { name: 'twice', fields: [[1, 21]] });

/** Reads a frame by the processor, from a protocol object that a program has made of Thrift's. */
function read(frame: Buffer, make = (protocol: NotingProtocol): object => protocol) {
  const answers: number[] = [];
  const processor = new Instrumented({
    twice: (number: number, answer: (error: null, result: number) => void) => {
      answers.push(2 * number);
      answer(null, 2 * number);
    },
  });
  const input = make(new NotingProtocol(new thrift.TFramedTransport(frame.subarray(4))));
  const before = readersOf(input);
  const output = new thrift.TBinaryProtocol(new thrift.TFramedTransport(undefined, () => {}));
  let error: unknown = null;
  try {
    processor.process(input, output);
  } catch (thrown) {
    error = thrown;
  }
  return { input, before, after: readersOf(input), answers, error };
}

function readersOf(input: object): Readers & { own: string[] } {
  const own = READERS.filter((name) => Object.hasOwn(input, name));
  const [readStructBegin, readStructEnd, readFieldBegin] = READERS.map((name): unknown =>
    Reflect.get(input, name),
  );
  return { readStructBegin, readStructEnd, readFieldBegin, own };
}

/** Copies a protocol object as `MultiplexedProcessor` does, with its functions. */
function copyOf(protocol: object): object {
  const copy: Record<string, unknown> = {};
  // oxlint-disable-next-line guard-for-in -- as MultiplexedProcessor does
  for (const key in protocol) copy[key] = (protocol as Record<string, unknown>)[key];
  for (const name of READERS) copy[name] = Reflect.get(protocol, name);
  return copy;
}

beforeEach(() => {
  resetMetrics();
  replacedWhile.length = 0;
});

describe.each([
  ['a protocol object', (protocol: object) => protocol],
  ['a copy with functions of its own', copyOf],
])('%s', (_, make) => {
  test('has its functions again after a message that brings a context', () => {
    const { before, after, answers } = read(named, make);
    expect(answers).toEqual([42]);
    expect(replacedWhile).toEqual([true]);
    expect(after).toEqual(before);
  });

  test('has its functions again after a message that ends within its context', () => {
    const { before, after, answers, error } = read(named.subarray(0, -20), make);
    expect(error).toMatchObject({ name: 'InputBufferUnderrunError' });
    expect(answers).toEqual([]);
    expect(replacedWhile).toEqual([true]);
    expect(after).toEqual(before);
  });
});

test('a message without a context is read by the functions of the protocol', () => {
  const { answers } = read(unnamed);
  expect(answers).toEqual([42]);
  expect(replacedWhile).toEqual([false]);
});

test('a reader leaves no property on the protocol object', () => {
  const { input } = read(named);
  expect(Object.keys(input)).not.toContain('thriftMetricsContext');
});
