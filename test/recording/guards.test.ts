import { describe, expect, test, vi } from 'vitest';

import { CallDetails } from '../../src/recording/call';
import { guardFailedFunction, guardLabelFunction } from '../../src/recording/guards';

const call = (...args: unknown[]) => new CallDetails(args, 'add', 'Calculator');

describe('guardLabelFunction', () => {
  const wrong = new Error('not a label value');

  function safe(label: (call: { args: readonly unknown[] }) => unknown) {
    const report = vi.fn<(site: string, error: unknown) => void>();
    const safeLabel = guardLabelFunction(label, 'label:op', { report }, () => wrong);
    return { report, value: safeLabel(call('a', 'b')) };
  }

  test.each([
    ['text', 'text'],
    ['', ''],
    [7, '7'],
    [true, 'true'],
    [12n, '12'],
  ])('a label function that returns %o leads to the label value %o', (returned, value) => {
    const { report, value: actual } = safe(() => returned);
    expect(actual).toBe(value);
    expect(report).not.toHaveBeenCalled();
  });

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['an object', {}],
    ['a promise', Promise.resolve('x')],
    ['a symbol', Symbol('x')],
  ])(
    'a label function that returns %s is reported, and the label value is _unknown',
    (_title, returned) => {
      const { report, value } = safe(() => returned);
      expect(value).toBe('_unknown');
      expect(report.mock.calls).toEqual([['label:op', wrong]]);
    },
  );

  test('a label function that throws is reported, and the label value is _unknown', () => {
    const fault = new TypeError('x');
    const { report, value } = safe(() => {
      throw fault;
    });
    expect(value).toBe('_unknown');
    expect(report.mock.calls).toEqual([['label:op', fault]]);
  });

  test('the function receives the call', () => {
    expect(safe(({ args }) => args.join('+')).value).toBe('a+b');
  });
});

describe('guardFailedFunction', () => {
  const wrong = new Error('neither yes nor no');

  function check(failed: (call: { result?: unknown }) => unknown) {
    const report = vi.fn<(site: string, error: unknown) => void>();
    const guarded = guardFailedFunction(failed, 'failed:add', { report }, () => wrong);
    const details = call('a');
    details.result = 'result';
    return { report, type: guarded(details) };
  }

  test.each([
    ['true', () => true, 'result'],
    ['a string', () => 'INVALID', 'INVALID'],
    ['false', () => false, null],
    ['an empty string', () => '', null],
    ['undefined', () => undefined, null],
    ['null', () => null, null],
  ])('a function that returns %s decides without a report', (_what, failed, type) => {
    expect(check(failed)).toEqual({ report: expect.any(Function) as unknown, type });
    expect(check(failed).report).not.toHaveBeenCalled();
  });

  test('the function sees the result of the call', () => {
    expect(check(({ result }) => `saw ${String(result)}`).type).toBe('saw result');
  });

  test.each([
    ['a number', () => 1],
    ['an object', () => ({})],
    ['a promise', async () => true],
    ['a promise that rejects', () => Promise.reject(new Error('ignored'))],
  ])('a function that returns %s is reported, and the call does not fail', (_what, failed) => {
    const { report, type } = check(failed);
    expect(type).toBeNull();
    expect(report.mock.calls).toEqual([['failed:add', wrong]]);
  });

  test('a function that throws is reported, and the call does not fail', () => {
    const fault = new Error('fault');
    const { report, type } = check(() => {
      throw fault;
    });
    expect(type).toBeNull();
    expect(report.mock.calls).toEqual([['failed:add', fault]]);
  });
});
