import * as fc from 'fast-check';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  type MetricRule,
  renderMetrics,
  resetMetrics,
} from '../../src/index';
import { parseText } from '../support/text-format';

const METHODS = ['ask', 'asks', 'buy'] as const;
const handler = instrumentHandler(
  {
    ask: (_caller: string, _fails: boolean) => {},
    asks: (_caller: string, _fails: boolean) => {},
    buy: (_caller: string, fails: boolean) => {
      if (fails) throw new RangeError('meant to fail');
    },
  },
  { service: 'Modeled', labels: { caller: ({ args }) => args[0] } },
);

beforeAll(() => configureMetrics({ registry: new Registry() }));
afterAll(() => configureMetrics({ rules: [], labelNames: {} }));

const call = fc.record({
  method: fc.constantFrom(...METHODS),
  caller: fc.oneof(
    fc.constantFrom('a', 'b', ',method="x"', 'thrift_method="', '\\', '"', '\n', 'é'),
    fc.string({ unit: 'binary', maxLength: 3 }),
  ),
  fails: fc.boolean(),
});
const LABELS = ['thrift_service', 'thrift_method', 'caller'] as const;
const setting = fc.record({
  drop: fc.subarray([...LABELS]),
  excluded: fc.constantFrom(null, 'ask', 'ask*', 'b?y', '*', 'nothing'),
  own: fc.subarray(['thrift_service', 'thrift_method'] as const),
});
type Setting = typeof setting extends fc.Arbitrary<infer T> ? T : never;

const GLOBS: Readonly<Record<string, readonly string[]>> = {
  ask: ['ask'],
  'ask*': ['ask', 'asks'],
  'b?y': ['buy'],
  '*': METHODS,
  nothing: [],
};

function configure({ drop, excluded, own }: Setting): void {
  const rules: MetricRule[] = [];
  if (excluded !== null)
    rules.push({ match: { service: 'Modeled', method: excluded }, exclude: true });
  if (drop.length > 0) rules.push({ match: {}, labels: { drop } });
  const labelNames = Object.fromEntries(own.map((name) => [name, name.replace('thrift_', '')]));
  configureMetrics({ rules, labelNames });
}

/** Sums by labels, without zeros, which depend on which series the calls before have created. */
async function shown(name: string): Promise<Map<string, number>> {
  const { body } = await renderMetrics();
  const sums = new Map<string, number>();
  for (const sample of parseText(body.toString())) {
    if (sample.name !== name || sample.value === 0) continue;
    const labels = [...sample.labels].filter(
      ([label, value]) => label !== 'thrift_success' && value !== '',
    );
    const key = JSON.stringify(labels.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    sums.set(key, (sums.get(key) ?? 0) + sample.value);
  }
  return sums;
}

test('what readers see equals a model of dropped, renamed and excluded series', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(call, { maxLength: 12 }),
      setting,
      setting,
      async (calls, one, other) => {
        configureMetrics({ rules: [], labelNames: {} });
        resetMetrics();
        for (const { method, caller, fails } of calls) {
          try {
            handler[method](caller, fails);
          } catch {
            // Counted as failed.
          }
        }
        // A detour: what the first setting excludes starts again at 0, and everything else keeps its value.
        configure(one);
        await renderMetrics();
        configure(other);
        const lost = one.excluded === null ? [] : (GLOBS[one.excluded] ?? []);
        const hidden = other.excluded === null ? [] : (GLOBS[other.excluded] ?? []);
        const expected = new Map<string, number>();
        for (const { method, caller } of calls) {
          if (lost.includes(method) || hidden.includes(method)) continue;
          const all = {
            thrift_service: 'Modeled',
            thrift_method: method,
            caller: caller.toWellFormed(),
          };
          const labels = LABELS.filter(
            (name) => !other.drop.includes(name) && all[name] !== '',
          ).map((name): [string, string] => [
            (other.own as readonly string[]).includes(name) ? name.replace('thrift_', '') : name,
            all[name],
          ]);
          const key = JSON.stringify(labels.toSorted(([a], [b]) => (a < b ? -1 : 1)));
          expected.set(key, (expected.get(key) ?? 0) + 1);
        }
        const sorted = (sums: Map<string, number>) =>
          [...sums].toSorted(([a], [b]) => (a < b ? -1 : 1));
        expect(sorted(await shown('thrift_server_requests_total'))).toEqual(sorted(expected));
        expect(sorted(await shown('thrift_server_latency_seconds_count'))).toEqual(
          sorted(expected),
        );
      },
    ),
    { numRuns: 60 },
  );
});
