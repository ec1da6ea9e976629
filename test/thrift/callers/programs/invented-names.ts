// Calls a measured service under invented names, and writes how much memory the second half of them has taken.
import { Registry } from 'prom-client';

import { configureMetrics, instrumentHandler, instrumentService } from '../../../../src/index';
import { thrift, type Service } from '../../../support/start-thrift';
import { callersOf } from '../caller-counts';
import { encodeNamedCall } from '../requests';
import { BINARY_FRAMED } from '../../service/wire';

const NAMES = 400_000;
/** Longer than a label value may be. */
const PADDING = 'x'.repeat(300);

const Library = require('../../gen-nodejs/Library.js') as Service;

const registry = new Registry();
configureMetrics({ registry, onError: () => {} });

const handler = {
  twice(number: number, answer: (error: unknown, result?: number) => void) {
    if (number < 0) answer(new Error('negative'));
    else answer(null, 2 * number);
  },
};
const { Processor } = instrumentService(Library) as unknown as {
  Processor: new (handler: object) => { process(input: object, output: object): void };
};
const processor = new Processor(instrumentHandler(handler, { service: 'Library' }));

function call(number: number): void {
  const name = `${number}${PADDING}`;
  const request = encodeNamedCall(BINARY_FRAMED, `thrift.caller=${name}`, number % 2 ? -1 : 1);
  const input = new thrift.TFramedTransport(request.subarray(4));
  const output = new thrift.TFramedTransport(undefined, () => {});
  processor.process(new thrift.TBinaryProtocol(input), new thrift.TBinaryProtocol(output));
}

function heapAfter(calls: number, first: number): number {
  for (let i = first; i < first + calls; i++) call(i);
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

async function main(): Promise<void> {
  const half = heapAfter(NAMES / 2, 0);
  const all = heapAfter(NAMES / 2, NAMES / 2);
  const counts = await callersOf(registry);
  const sumOf = (i: 0 | 1): number =>
    Object.values(counts).reduce((sum, entry) => sum + (entry[i] ?? 0), 0);
  console.log(
    JSON.stringify({
      names: Object.keys(counts).length,
      longest: Math.max(...Object.keys(counts).map(({ length }) => length)),
      other: counts['_other'],
      calls: sumOf(0),
      failed: sumOf(1),
      growth: all - half,
    }),
  );
}

void main();
