import { expect, test, vi } from 'vitest';

import { createPlan } from '../../src/recording/plan';
import { Settlements } from '../../src/recording/promise';
import { wrap } from '../../src/recording/wrap';
import { countsOf, NONE, planOf } from './plan-of';

const newPlan = () => createPlan(planOf().gate, 'add', new Settlements());

test('a new plan records nothing, and calls run the method', () => {
  const add = wrap((a: number, b: number) => a + b, newPlan(), false);
  expect(add(1, 2)).toBe(3);
});

test.each([
  ['a method', () => 3],
  ['an async method', async () => 3],
])('calls of %s ask a new plan to prepare, until it is ready', (_kind, method) => {
  for (const needsCall of [false, true]) {
    const plan = newPlan();
    const prepare = vi.fn(() => false);
    plan.prepare = prepare;
    const add = wrap(method, plan, needsCall);
    const receiver = {};
    add.call(receiver);
    add.call(receiver);
    expect(prepare.mock.calls).toEqual([[receiver], [receiver]]);
  }
});

test('a plan that has metrics not declared absorbs what is written to them', async () => {
  const { plan, requests } = planOf();
  const { inFlight, succeeded, failed } = newPlan();
  const error = new Error('x');
  Object.assign(plan, { inFlight, succeeded, failed, errors: null, active: null, timed: false });
  const fail = wrap(
    () => {
      throw error;
    },
    plan,
    false,
  );
  const later = wrap(async () => 'later', plan, false);
  expect(fail).toThrow(error);
  await expect(later()).resolves.toBe('later');
  expect(requests.value).toBe(2);
});

test('plans of different methods do not share the cells they write to', () => {
  const one = planOf();
  const other = planOf();
  wrap(() => {}, one.plan, false)();
  expect(countsOf(other)).toEqual(NONE);
});
