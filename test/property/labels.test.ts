import * as fc from 'fast-check';
import { Registry } from 'prom-client';
import { beforeAll, expect, test } from 'vitest';

import { configureMetrics, instrumentHandler, renderMetrics } from '../../src/index';
import { parseText } from '../support/text-format';

const registry = new Registry();
let round = 0;

beforeAll(() => configureMetrics({ registry, onError: () => {} }));

/** Any UTF-16 text, and texts that resemble key separators, escapes or this package's own label values. */
const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.string({
    unit: fc.constantFrom('a', ',', ':', '|', '"', '\\', '\n', '\0', '=', '{', '}'),
    maxLength: 4,
  }),
  fc.string({
    unit: fc.constantFrom('\ud800', '\udbff', '\udc00', '\udfff', '\ufffd', '😀', 'a'),
    maxLength: 3,
  }),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '_unknown',
    '_other',
    'undefined',
    'null',
    'NaN',
    '1',
    '+Inf',
  ),
);
/** Numbers and booleans are label values too; anything else that a function returns is not. */
const returned = fc.oneof(
  { weight: 6, arbitrary: text },
  fc.constantFrom<unknown>(1, -0, NaN, 1e21, true, false, undefined, null, Symbol('s'), {}, []),
);

/** Separators with which two different pairs of values join to the same text. */
const separator = fc.constantFrom(',', ':', '|', ';', '=', '\n', '\0', '","', '');
const joinedAlike = fc.tuple(text, text, text, separator).map(([a, b, c, by]): unknown[][] => [
  [a, `${b}${by}${c}`],
  [`${a}${by}${b}`, c],
]);

const callsWith = {
  1: fc.array(fc.tuple(returned)),
  2: fc
    .array(
      fc.oneof(
        fc.tuple(returned, returned).map((tuple) => [tuple]),
        joinedAlike,
      ),
    )
    .map((calls) => calls.flat()),
};

for (const amount of [1, 2] as const) {
  test(`calls with any values of ${amount} label(s) have one series per combination, with exact counts, in a readable text`, async () => {
    await fc.assert(
      fc.asyncProperty(callsWith[amount] as fc.Arbitrary<unknown[][]>, async (tuples) => {
        const family = `labels_${amount}_${round++}_total`;
        const labels = Array.from(
          { length: amount },
          (_, index) =>
            [`label${index}`, ({ args }: { args: readonly unknown[] }) => args[index]] as const,
        );
        const handler = instrumentHandler(
          { call: (...args: unknown[]) => args.length },
          {
            service: 'Labels',
            labels: Object.fromEntries(labels) as never,
            counted: { name: family },
            timed: false,
            errorsCounted: false,
            inFlight: false,
          },
        );
        for (const tuple of tuples) handler.call(...tuple);

        const expected = new Map<string, number>();
        for (const tuple of tuples) {
          const key = JSON.stringify(tuple.map(labelValue));
          expected.set(key, (expected.get(key) ?? 0) + 1);
        }
        expect(await fromRegistry(family, amount)).toEqual(expected);
        expect(await fromText(family, amount)).toEqual(expected);
      }),
      { numRuns: 200 },
    );
  });
}

/** UTF-8 cannot encode half of a surrogate pair, so it is replaced, as every encoder does. */
function labelValue(value: unknown): string {
  if (typeof value === 'string') return value.toWellFormed();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '_unknown';
}

async function fromRegistry(family: string, amount: number): Promise<Map<string, number>> {
  const found = (await registry.getMetricsAsJSON()).find(({ name }) => name === family);
  const counts = (found?.values ?? []).map(({ labels, value }): [string, number] => [
    tupleOf(new Map(Object.entries(labels as Record<string, string>)), amount),
    value,
  ]);
  return unique(counts);
}

async function fromText(family: string, amount: number): Promise<Map<string, number>> {
  const { body } = await renderMetrics({ names: [family] });
  // Rejects invalid UTF-8, as a scraper does.
  const decoded = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  const own = parseText(decoded).filter(({ name }) => name === family);
  return unique(own.map(({ labels, value }): [string, number] => [tupleOf(labels, amount), value]));
}

function tupleOf(labels: ReadonlyMap<string, string>, amount: number): string {
  // To Prometheus, a missing label and an empty one are the same.
  return JSON.stringify(
    Array.from({ length: amount }, (_, index) => labels.get(`label${index}`) ?? ''),
  );
}

function unique(counts: readonly [string, number][]): Map<string, number> {
  const found = new Map(counts);
  if (found.size !== counts.length) throw new Error(`duplicate series: ${JSON.stringify(counts)}`);
  return found;
}
