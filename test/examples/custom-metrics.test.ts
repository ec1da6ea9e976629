import { expect, test } from 'vitest';

import { sumOf } from '../support/sum-of';
import { missingLines } from './missing-lines';
import { runExample } from './run-example';
import { samplesIn } from './samples-in';

/** The calls that the example makes, by operation. */
const CALLS = { ADD: 2, SUBTRACT: 1, DIVIDE: 1 } as const;
const BUCKETS = ['0.01', '0.1', '1', '+Inf'];

test('the custom metrics example has the names, labels, buckets and quantiles that its handler declares', async () => {
  const { code, stdout, stderr } = await runExample('example:custom');

  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(missingLines('custom-metrics', stdout)).toEqual([]);
  const [before = [], after = [], renamed = []] = stdout
    .split(/^(?=After|The same)/m)
    .map(samplesIn);
  // Every series with constant labels exists at 0.
  expect(before.map(({ name }) => name).toSorted()).toEqual([
    'myapp_errors_total',
    'myapp_errors_total',
    'myapp_requests_total',
  ]);
  for (const { value } of before) expect(value).toBe(0);
  for (const [prefix, samples, labels] of [
    ['', after, {}],
    ['acme_', renamed, { env: 'dev', region: 'local' }],
  ] as const) {
    for (const [op, calls] of Object.entries(CALLS)) {
      const gold = { ...labels, op, tier: 'gold', thrift_method: 'calculate' };
      expect(sumOf(samples, `${prefix}myapp_requests_total`, gold), op).toBe(calls);
    }
    const free = { ...labels, tier: 'free', thrift_method: 'mean' };
    expect(sumOf(samples, `${prefix}myapp_requests_total`, free)).toBe(1);
    const declared = { ...labels, thrift_exception_type: 'InvalidOperation' };
    expect(sumOf(samples, `${prefix}myapp_errors_total`, declared)).toBe(CALLS.DIVIDE);
    expect(samples.every(({ name }) => name.startsWith(`${prefix}myapp_`))).toBe(true);
  }
  for (const [sign, calls] of [
    ['positive', CALLS.ADD],
    ['negative', CALLS.SUBTRACT],
    ['none', CALLS.DIVIDE],
  ] as const) {
    const buckets = after.filter(
      ({ name, labels }) => name === 'myapp_request_seconds_bucket' && labels.get('sign') === sign,
    );
    expect(buckets.map(({ labels }) => labels.get('le'))).toEqual(BUCKETS);
    expect(buckets.at(-1)?.value).toBe(calls);
  }
  const quantiles = after.filter(({ name }) => name === 'myapp_mean_seconds');
  expect(quantiles.map(({ labels }) => labels.get('quantile'))).toEqual(['0.5', '0.99']);
  for (const { value } of quantiles) expect(value).toBeGreaterThan(0);
});
