import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { BUILT_IN_NAMES } from '../../src/metrics/label-names';
import { Policy } from '../../src/runtime/policy';
import { reportUnmatchedLater } from '../../src/runtime/unmatched-rules';
import { ruleOf } from './rule-of';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

const policyOf = (...rules: Parameters<typeof ruleOf>[0][]): Policy =>
  new Policy(rules.map(ruleOf), { prefix: '', labelNames: BUILT_IN_NAMES });

let warned: string[];
const faults = { warnOnce: (site: string) => void warned.push(site) };
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  warned = [];
});
afterEach(() => vi.useRealTimers());

test('a rule that matches nothing is reported a minute after it was set', () => {
  const policy = policyOf(
    { location: 'rules[0]', metric: /^a$/, exclude: true },
    { location: 'rules[1]', metric: /^b$/, exclude: true },
  );
  reportUnmatchedLater({ policy }, faults);
  policy.isExcluded('a', { service: null, method: null });
  vi.advanceTimersByTime(59_999);
  expect(warned).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(warned).toEqual(['rules[1]']);
});

test('rules that were replaced meanwhile are not reported', () => {
  const settings = { policy: policyOf({ metric: /^a$/, exclude: true }) };
  reportUnmatchedLater(settings, faults);
  settings.policy = policyOf();
  vi.advanceTimersByTime(60_000);
  expect(warned).toEqual([]);
});

test('without rules, nothing waits', () => {
  reportUnmatchedLater({ policy: policyOf() }, faults);
  expect(vi.getTimerCount()).toBe(0);
});
