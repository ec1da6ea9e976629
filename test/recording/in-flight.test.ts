import { expect, test, vi } from 'vitest';

import { now, UNTIMED } from '../../src/metrics/clock';
import { CallsInProgress } from '../../src/recording/in-flight';

/** Enters a call that began at this time. Returns how it leaves. */
function enterAt(calls: CallsInProgress, start: [number, number]): () => void {
  const slot = calls.enter(start);
  return () => calls.leave(slot);
}

/** Enters a call that began some seconds ago. */
function enterAgo(calls: CallsInProgress, seconds: number): () => void {
  const [whole, nanoseconds] = now();
  return enterAt(calls, [whole - seconds, nanoseconds]);
}

test('a list without calls has the age 0', () => {
  expect(new CallsInProgress().oldestSeconds()).toBe(0);
});

test('a call at whose arrival the stack overflows takes no slot', () => {
  const calls = new CallsInProgress();
  enterAgo(calls, 10)();
  const overflow = vi.spyOn(Array, 'from').mockImplementationOnce(() => {
    throw new RangeError('Maximum call stack size exceeded');
  });
  const reference = { served: null, args: null, published: null };
  expect(() => calls.enter(now(), reference)).toThrow(RangeError);
  overflow.mockRestore();
  expect(calls.oldestSeconds()).toBe(0);
  expect(calls.leave(calls.enter(now(), reference))).toBe(reference);
});

test('the age of a list is the age of its oldest call', () => {
  const calls = new CallsInProgress();
  const [leaveFirst, leaveSecond, leaveThird] = [30, 20, 10].map((age) => enterAgo(calls, age));
  expect(calls.oldestSeconds()).toBeCloseTo(30, 0);
  leaveSecond?.();
  expect(calls.oldestSeconds()).toBeCloseTo(30, 0);
  leaveFirst?.();
  expect(calls.oldestSeconds()).toBeCloseTo(10, 0);
  leaveThird?.();
  expect(calls.oldestSeconds()).toBe(0);
});

test('the age of a list counts parts of a second', () => {
  const calls = new CallsInProgress();
  const [whole] = now();
  enterAt(calls, [whole - 30, 999_999_999]);
  expect(calls.oldestSeconds()).toBeGreaterThan(29);
  expect(calls.oldestSeconds()).toBeLessThan(31);
});

test('calls that enter and leave in any order leave the age of those that remain', () => {
  const calls = new CallsInProgress();
  const leaves = new Map<number, () => void>();
  // A fixed walk over 100 ages. Every third step removes the youngest call, so that places are used again.
  for (let step = 1; step <= 300; step++) {
    const age = ((step * 37) % 101) * 100;
    if (step % 3 === 0) {
      const youngest = Math.min(...leaves.keys());
      leaves.get(youngest)?.();
      leaves.delete(youngest);
    } else if (!leaves.has(age)) leaves.set(age, enterAgo(calls, age));
  }
  for (const [age, leave] of [...leaves].toSorted(([one], [other]) => one - other)) {
    expect(calls.oldestSeconds()).toBeGreaterThan(age - 1);
    leave();
  }
  expect(calls.oldestSeconds()).toBe(0);
});

test('the age of a call without a start time counts from when it entered', () => {
  const calls = new CallsInProgress();
  enterAt(calls, UNTIMED);
  expect(calls.oldestSeconds()).toBeGreaterThanOrEqual(0);
  expect(calls.oldestSeconds()).toBeLessThan(10);
});

test('calls from before a reset do not count after it, and leave without a trace', () => {
  const calls = new CallsInProgress();
  const leave = enterAgo(calls, 60);
  calls.clear();
  expect(calls.oldestSeconds()).toBe(0);
  enterAgo(calls, 5);
  leave();
  expect(calls.oldestSeconds()).toBeCloseTo(5, 0);
});
