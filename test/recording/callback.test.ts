import { expect, test, vi } from 'vitest';

import { observeCallback } from '../../src/recording/callback';

function observed(callback: (...args: never[]) => unknown) {
  const outcome = { succeed: vi.fn(), fail: vi.fn() };
  return { outcome, callback: observeCallback(callback as never, outcome) };
}

test('a callback receives the same receiver and arguments, and its return value is passed on', () => {
  const seen: unknown[] = [];
  const { callback } = observed(function (this: unknown, ...args: unknown[]) {
    seen.push(this, ...args);
    return 'returned';
  });
  const receiver = {};
  expect(callback.call(receiver, null, 1, 2)).toBe('returned');
  expect(seen).toEqual([receiver, null, 1, 2]);
  expect(seen[0]).toBe(receiver);
});

test('what a callback throws reaches its caller', () => {
  const error = new Error('x');
  const { callback } = observed(() => {
    throw error;
  });
  expect(() => callback(null)).toThrow(error);
});

test('a callback shows the length, name and properties of the original', () => {
  const original = Object.assign(function answer(_error: unknown, _sum: number) {}, { own: 1 });
  const { callback } = observed(original);
  const { length, name, own } = callback as unknown as typeof original;
  expect({ length, name, own }).toEqual({ length: 2, name: 'answer', own: 1 });
});

test.each([[null], [undefined]])('%s as the error is a success with the result', (error) => {
  const { callback, outcome } = observed(() => {});
  callback(error, 'sum');
  expect(outcome.succeed.mock.calls).toEqual([['sum']]);
  expect(outcome.fail).not.toHaveBeenCalled();
});

test.each([[new Error('x')], [0], [''], [false]])('%o as the error is a failure', (error) => {
  const { callback, outcome } = observed(() => {});
  callback(error);
  expect(outcome.fail.mock.calls).toEqual([[error]]);
  expect(outcome.succeed).not.toHaveBeenCalled();
});

test('a callback without arguments is a success', () => {
  const { callback, outcome } = observed(() => {});
  callback();
  expect(outcome.succeed).toHaveBeenCalledTimes(1);
});

test('a callback that is called twice is passed on twice', () => {
  const original = vi.fn();
  const { callback } = observed(original);
  callback(null, 1);
  callback(null, 2);
  expect(original.mock.calls).toEqual([
    [null, 1],
    [null, 2],
  ]);
});

test('the outcome is reported before the callback runs', () => {
  const order: string[] = [];
  const callback = observeCallback(() => void order.push('callback'), {
    succeed: () => void order.push('outcome'),
    fail: () => {},
  });
  callback(null);
  expect(order).toEqual(['outcome', 'callback']);
});
