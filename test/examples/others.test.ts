import { expect, test } from 'vitest';

import { runProgram } from '../support/start-program';
import type { Sample } from '../support/text-format';
import { missingLines } from './missing-lines';
import { runExample } from './run-example';
import { samplesIn } from './samples-in';

function valuesOf(samples: Sample[], family: string, method: string): number[] {
  return samples
    .filter(({ name, labels }) => name === family && labels.get('thrift_method') === method)
    .map(({ value }) => value);
}

test('the legacy decorators example measures a real service and finds all metadata on its methods', async () => {
  const { code, stdout, stderr } = await runExample('example:legacy');

  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(missingLines('legacy-decorators', stdout)).toEqual([]);
  expect(stdout).toContain('design:paramtypes of calculate: [Number, Work]');
  expect(stdout).toContain('thrift_server_requests_total{op, thrift_method, thrift_service}');
  const samples = samplesIn(stdout);
  expect(valuesOf(samples, 'thrift_server_requests_total', 'calculate')).toEqual([1, 1]);
  expect(valuesOf(samples, 'thrift_server_active_requests', 'calculate')).toEqual([0]);
});

test('the callback-style example measures a real service in ES5 output', async () => {
  const { code, stdout, stderr } = await runExample('example:callback');

  expect(stderr).toBe('');
  expect(code).toBe(0);
  expect(missingLines('callback-style', stdout)).toEqual([]);
  expect(stdout).toMatch(/^calculate.* -> 42$/m);
  expect(stdout).toMatch(/^calculate.* -> InvalidOperation: /m);
  expect(stdout).toMatch(/^mean.* -> TApplicationException: the mean of no values$/m);
  expect(stdout).toMatch(/^getStruct.* -> NotFound: /m);
  const samples = samplesIn(stdout);
  expect(valuesOf(samples, 'thrift_server_requests_total', 'calculate')).toEqual([2]);
  expect(valuesOf(samples, 'thrift_server_requests_total', 'zip')).toEqual([1]);
  expect(valuesOf(samples, 'thrift_server_requests_total', 'reset')).toEqual([0]);
});

test('an unknown example ends with exit code 2 and the names of the examples', async () => {
  const { code, stderr } = await runProgram(process.execPath, ['scripts/example.mjs', 'nope']);

  expect(stderr).toMatch(
    /legacy-decorators.*callback-style.*client-side.*cluster.*custom-metrics.*traced.*automatic/,
  );
  expect(code).toBe(2);
});
