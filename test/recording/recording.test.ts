import { describe, expect, test, vi } from 'vitest';

import type { CallDetails } from '../../src/recording/call';
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

  test('a call that ends without waiting leaves those that wait listed', () => {
    const recorded = planOf();
    const waiting = [arrive(recorded.plan, []), arrive(recorded.plan, [])];
    for (const call of waiting) call.wait();
    arrive(recorded.plan, []).succeed(1);
    waiting[0]?.succeed(1);
    expect(recorded.active.oldestSeconds()).toBeGreaterThan(0);
    waiting[1]?.succeed(1);
    expect(recorded.active.oldestSeconds()).toBe(0);
    arrive(recorded.plan, []).fail(new Error('x'));
    arrive(recorded.plan, []).wait();
    expect(recorded.active.oldestSeconds()).toBeGreaterThan(0);
  });

  test('without a metric of ages, a call that waits is listed nowhere', () => {
    const recorded = planOf({ active: null });
    const call = arrive(recorded.plan, []);
    call.wait();
    call.succeed(1);
    expect(countsOf(recorded)).toEqual(SUCCEEDED);
  });

  test.each(['succeed', 'fail'] as const)(
    'a call from before a reset does not subtract itself after it: %s',
    (end) => {
      const recorded = planOf();
      const call = arrive(recorded.plan, []);
      recorded.inFlight.value = 0;
      recorded.inFlight.generation++;
      call[end](new Error('x'));
      expect(recorded.inFlight.value).toBe(0);
    },
  );
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

  test('the label function of requests and calls in progress runs once when a call arrives', () => {
    const label = vi.fn(({ args }: CallDetails) => String(args[0]));
    const { plan } = planOf(labelledBy(label).changes);
    const call = arrive(plan, ['a']);
    expect(label).toHaveBeenCalledTimes(1);
    call.succeed(1);
    expect(label).toHaveBeenCalledTimes(2);
  });

  test('requests and calls in progress may have labels of their own', () => {
    const first = labelledBy(({ args }) => String(args[0]));
    const second = labelledBy(({ args }) => String(args[1]));
    const { plan } = planOf({ ...first.changes, labelsOfInFlight: second.labels });
    arrive(plan, ['a', 'b']);
    expect(Object.fromEntries(first.requests.byValues)).toEqual({ a: { value: 1 } });
    expect([...second.inFlight.byValues.keys()]).toEqual(['b']);
    expect(first.inFlight.byValues.size).toBe(0);
  });

  test('a label of the calls in progress does not need one of the requests', () => {
    const labelled = labelledBy(({ args }) => String(args[0]));
    const recorded = planOf({ needsCall: true, isPlain: false });
    recorded.plan.labelsOfInFlight = labelled.labels;
    arrive(recorded.plan, ['a']).succeed(1);
    expect([...labelled.inFlight.byValues].map(([key, { value }]) => [key, value])).toEqual([
      ['a', 0],
    ]);
    expect(countsOf(recorded)).toEqual(SUCCEEDED);
  });

  test('the errors of a method without a duration have labels of their call', () => {
    const seen: unknown[] = [];
    const failure = { kind: 'undeclared', type: 'Error' } as const;
    const record = (call: CallDetails | null): typeof failure => {
      seen.push(call?.error);
      return failure;
    };
    const changes = { needsCall: true, isPlain: false, timed: false };
    const errors = { record, describe: () => failure, recordResult: () => {} };
    const recorded = planOf({ ...changes, errors });
    arrive(recorded.plan, []).fail('lost');
    expect(seen).toEqual(['lost']);
  });
});

describe('results that count as failures', () => {
  const forCall = { needsCall: true, isPlain: false };
  const isBad = ({ result }: CallDetails): string | null => (result === 'bad' ? 'BAD' : null);

  test('a bad result fails the duration and is counted by its type, and a good one succeeds', () => {
    const failed = vi.fn(isBad);
    const recorded = planOf({ ...forCall, failedOfTimed: failed, failedOfErrors: failed });
    arrive(recorded.plan, []).succeed('bad');
    expect(countsOf(recorded)).toEqual(FAILED);
    expect(recorded.errors).toEqual(['BAD']);
    expect(failed).toHaveBeenCalledTimes(1);
    arrive(recorded.plan, []).succeed('good');
    expect(countsOf(recorded)).toEqual({ ...FAILED, requests: 2, succeeded: 1 });
  });

  test('durations and errors may each have a function of their own', () => {
    const recorded = planOf({ ...forCall, failedOfTimed: () => 'SLOW', failedOfErrors: isBad });
    arrive(recorded.plan, []).succeed('good');
    expect(countsOf(recorded)).toEqual({ ...FAILED, errors: 0 });
    arrive(recorded.plan, []).succeed('bad');
    expect(recorded.errors).toEqual(['BAD']);
  });

  test('a function of the durations alone counts no errors', () => {
    const recorded = planOf({ ...forCall, failedOfTimed: isBad });
    arrive(recorded.plan, []).succeed('bad');
    expect(countsOf(recorded)).toEqual({ ...FAILED, errors: 0 });
  });

  test('a function of the errors alone leaves the duration a success', () => {
    const recorded = planOf({ ...forCall, failedOfErrors: isBad });
    arrive(recorded.plan, []).succeed('bad');
    expect(countsOf(recorded)).toEqual({ ...SUCCEEDED, errors: 1 });
  });

  test('a method without a metric of errors counts none', () => {
    const failures = { failedOfTimed: isBad, failedOfErrors: isBad };
    const recorded = planOf({ ...forCall, ...failures, errors: null });
    arrive(recorded.plan, []).succeed('bad');
    arrive(recorded.plan, []).fail(new Error('x'));
    expect(countsOf(recorded)).toEqual({ ...FAILED, requests: 2, failed: 2, errors: 0 });
  });
});
