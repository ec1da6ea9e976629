import { describe, expect, test } from 'vitest';

import { now, UNTIMED } from '../../src/metrics/clock';
import { CallInProgress, CallsInProgress } from '../../src/recording/in-flight';

/** A call that began some seconds ago. */
function begunAgo(seconds: number): CallInProgress {
  const [whole, nanoseconds] = now();
  return new CallInProgress([whole - seconds, nanoseconds]);
}

test('a list without calls has the age 0', () => {
  const calls = new CallsInProgress();
  expect(calls.oldest()).toBeNull();
  expect(calls.oldestSeconds()).toBe(0);
});

test('the age of a list is the age of the call that entered first', () => {
  const calls = new CallsInProgress();
  const [first, second, third] = [begunAgo(30), begunAgo(20), begunAgo(10)];
  for (const call of [first, second, third]) calls.enter(call);
  expect(calls.oldestSeconds()).toBeCloseTo(30, 0);
  second.leaveList();
  expect(calls.oldest()).toBe(first);
  first.leaveList();
  expect(calls.oldest()).toBe(third);
  expect(calls.oldestSeconds()).toBeCloseTo(10, 0);
  third.leaveList();
  expect(calls.oldestSeconds()).toBe(0);
});

test('a call may leave twice, and without having entered', () => {
  const calls = new CallsInProgress();
  const [left, other] = [begunAgo(1), begunAgo(1)];
  calls.enter(left);
  calls.enter(other);
  left.leaveList();
  left.leaveList();
  begunAgo(1).leaveList();
  expect(calls.oldest()).toBe(other);
});

describe.each([
  ['UNTIMED', UNTIMED],
  ['UNTIMED of another copy of the package', [...UNTIMED] as [number, number]],
])('a call whose start is %s', (_title, start) => {
  test('the age of a call without a start time counts from when it entered', () => {
    const calls = new CallsInProgress();
    calls.enter(new CallInProgress(start));
    expect(calls.oldestSeconds()).toBeGreaterThanOrEqual(0);
    expect(calls.oldestSeconds()).toBeLessThan(10);
  });
});

test('calls from before a reset do not count after it, and leave without a trace', () => {
  const calls = new CallsInProgress();
  const [before, after] = [begunAgo(60), begunAgo(5)];
  calls.enter(before);
  calls.clear();
  expect(calls.oldestSeconds()).toBe(0);
  calls.enter(after);
  before.leaveList();
  expect(calls.oldest()).toBe(after);
});
