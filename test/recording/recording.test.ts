import { describe, expect, test } from 'vitest';

import { arrive } from '../../src/recording/recording';
import { ACTIVE, countsOf, FAILED, labelledBy, planOf, SUCCEEDED } from './plan-of';

test('a call is counted and in progress when it arrives', () => {
  const recorded = planOf();
  arrive(recorded.plan, []);
  expect(countsOf(recorded)).toEqual(ACTIVE);
});

test('a call that succeeds is timed as a success and no longer in progress', () => {
  const recorded = planOf();
  arrive(recorded.plan, []).succeed(3);
  expect(countsOf(recorded)).toEqual(SUCCEEDED);
});

test('a call that fails is timed as a failure, counted with its error, and no longer in progress', () => {
  const recorded = planOf();
  const error = new Error('x');
  arrive(recorded.plan, []).fail(error);
  expect(countsOf(recorded)).toEqual(FAILED);
  expect(recorded.errors).toEqual([error]);
});

test('only the first end of a call is recorded', () => {
  const recorded = planOf();
  const succeeded = arrive(recorded.plan, []);
  succeeded.succeed(1);
  succeeded.succeed(2);
  succeeded.fail(new Error('x'));
  expect(countsOf(recorded)).toEqual(SUCCEEDED);
  expect(succeeded.settled).toBe(true);

  const failedFirst = planOf();
  const failed = arrive(failedFirst.plan, []);
  failed.fail(new Error('x'));
  failed.succeed(1);
  expect(countsOf(failedFirst)).toEqual(FAILED);
});

describe('a call in progress', () => {
  test('a call that waits is listed until it ends', () => {
    const recorded = planOf();
    const call = arrive(recorded.plan, []);
    expect(recorded.active.oldestSeconds()).toBe(0);
    call.wait();
    expect(recorded.active.oldestSeconds()).toBeGreaterThan(0);
    call.succeed(1);
    expect(recorded.active.oldestSeconds()).toBe(0);
  });

  test('a call that has ended is not listed', () => {
    const recorded = planOf();
    const call = arrive(recorded.plan, []);
    call.succeed(1);
    call.wait();
    expect(recorded.active.oldestSeconds()).toBe(0);
  });

  test('a call from before a reset does not subtract itself after it', () => {
    const recorded = planOf();
    const call = arrive(recorded.plan, []);
    recorded.inFlight.value = 0;
    recorded.inFlight.generation++;
    call.succeed(1);
    expect(recorded.inFlight.value).toBe(0);
  });
});

test('a plan that is not timed observes no durations', () => {
  const recorded = planOf({ timed: false });
  arrive(recorded.plan, []).succeed(1);
  const waiting = arrive(recorded.plan, []);
  waiting.wait();
  waiting.fail(new Error('x'));
  expect(countsOf(recorded)).toEqual({
    requests: 2,
    active: 0,
    succeeded: 0,
    failed: 0,
    errors: 1,
  });
});

describe('labels that depend on the call', () => {
  test('requests and calls in progress have the labels of the arrival, durations those of the end', () => {
    const labelled = labelledBy(
      ({ args, result, error }) =>
        [error, result, `${String(args[0])} arrives`]
          .map(String)
          .find((value) => value !== 'undefined') ?? '',
    );
    const { plan } = planOf(labelled.changes);
    arrive(plan, ['a']).succeed('sum');
    arrive(plan, ['b']).fail('lost');
    expect(Object.fromEntries(labelled.requests.byValues)).toEqual({
      'a arrives': { value: 1 },
      'b arrives': { value: 1 },
    });
    expect([...labelled.inFlight.byValues.values()].map(({ value }) => value)).toEqual([0, 0]);
    expect([...labelled.succeeded.byValues.keys()]).toEqual(['sum']);
    expect([...labelled.failed.byValues.keys()]).toEqual(['lost']);
  });

  test('a call leaves the gauge that it entered', () => {
    const labelled = labelledBy(({ args }) => String(args[0]));
    const { plan } = planOf(labelled.changes);
    const first = arrive(plan, ['a']);
    arrive(plan, ['b']);
    first.succeed(1);
    const values = [...labelled.inFlight.byValues].map(([key, { value }]) => [key, value]);
    expect(Object.fromEntries(values)).toEqual({ a: 0, b: 1 });
  });
});
