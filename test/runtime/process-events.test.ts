import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { ProcessEvents } from '../../src/runtime/process-events';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

let events: ProcessEvents;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  events = new ProcessEvents();
});
afterEach(() => vi.useRealTimers());

test('an event that follows an equal one within a second is the same event', () => {
  vi.advanceTimersByTime(5000);
  events.record('configured', 'configureMetrics (prefix)');
  vi.advanceTimersByTime(999);
  events.record('configured', 'configureMetrics (prefix)');
  expect(events.all).toHaveLength(1);
  events.record('configured', 'configureMetrics (rules)');
  vi.advanceTimersByTime(1000);
  events.record('configured', 'configureMetrics (rules)');
  expect(events.all.map(({ text }) => text)).toEqual([
    'configureMetrics (prefix)',
    'configureMetrics (rules)',
    'configureMetrics (rules)',
  ]);
});

test('the latest hundred events are kept', () => {
  for (let i = 0; i < 250; i++) events.record('workers', String(i));
  expect(events.all).toHaveLength(100);
  expect([events.all[0]?.text, events.all.at(-1)?.text]).toEqual(['150', '249']);
});
