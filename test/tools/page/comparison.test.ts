import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { configureMetrics, instrumentHandler, resetMetrics } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import type { ProcessEvent } from '../../../src/runtime/process-events';
import { earlierWindow, figuresIn, totalFiguresIn } from '../../../src/tools/page/comparison';
import { History } from '../../../src/tools/page/history';
import { methodKey } from '../../../src/tools/page/method-reader';
import { createWindow, type Window } from '../../../src/tools/page/timeline';

const handler = instrumentHandler(
  {
    get(fails: boolean): void {
      if (fails) throw new Error('x');
    },
    put(): void {},
  },
  { service: 'Compared' },
);

let history: History;
let time = 0;
beforeEach(() => {
  configureMetrics({ registry: new Registry() });
  resetMetrics();
  history = new History(currentRuntime(), 451, 0);
  history.sample((time = 0));
});
afterEach(() => history.close());

function advance(seconds: number): void {
  for (const end = time + seconds * 1000; time < end;) history.sample((time += 2000));
}

function call(good: number, failing = 0): void {
  for (let i = 0; i < good; i++) handler.get(false);
  for (let i = 0; i < failing; i++) expect(() => handler.get(true)).toThrow('x');
}

const current = (seconds = 60): Window => createWindow(history.timeline, seconds, null);
const methodOf = (name: string) => history.methods.get(methodKey('Compared', name))!;

function reason(window: Window, since = 0, events: readonly ProcessEvent[] = []): string | null {
  const found = earlierWindow(window, since, events);
  return 'unknownReason' in found ? found.unknownReason : null;
}

test('the earlier window has the same length and ends five minutes before', () => {
  advance(900);
  for (const seconds of [60, 300]) {
    const window = current(seconds);
    const earlier = earlierWindow(window, 0, []) as Window;
    const { timeline } = window;
    expect([timeline.time(earlier.from), timeline.time(earlier.to)]).toEqual([
      timeline.time(window.from) - 300_000,
      timeline.time(window.to) - 300_000,
    ]);
  }
});

test('the figures of the earlier window are those of its calls', () => {
  advance(120);
  call(9, 3);
  advance(2);
  advance(298);
  call(24);
  advance(2);
  const window = current();
  const earlier = earlierWindow(window, 0, []) as Window;
  expect(figuresIn(methodOf('get'), window)).toMatchObject({
    rate: 0.4,
    failedRatio: 0,
    badRatio: 0,
  });
  expect(figuresIn(methodOf('get'), earlier)).toMatchObject({
    rate: 0.2,
    failedRatio: 0.25,
    badRatio: 0.25,
  });
  expect(figuresIn(methodOf('put'), earlier)).toMatchObject({
    rate: 0,
    failedRatio: null,
    p99: null,
  });
  const all = [methodOf('get'), methodOf('put')];
  expect(totalFiguresIn(all, earlier)).toMatchObject({
    failedRatio: 0.25,
    badRatio: 0.25,
  });
});

test('the earlier p99 of all methods comes with the bounds of its histogram, outside of which it is not exact', () => {
  call(1);
  advance(2);
  const { lowestBound, highestBound } = totalFiguresIn([methodOf('get')], current());
  // The default buckets.
  expect([lowestBound, highestBound]).toEqual([0.0005, 10]);
});

test('there are no figures of a time before the history', () => {
  advance(358);
  expect(reason(current())).toBeNull();
  expect(reason(current(300))).toMatch(/far back/);
  history.close();
  history = new History(currentRuntime(), 451, 0);
  history.sample((time = 0));
  advance(350);
  expect(reason(current())).toMatch(/far back/);
  expect(reason(createWindow(history.timeline, 60, 0))).toMatch(/far back/);
});

test('a window as long as the history has no earlier window to compare with', () => {
  advance(1200);
  expect(reason(current(900))).toMatch(/far back/);
});

test('there are no figures of a time before the first sample of what is compared', () => {
  advance(400);
  const { from } = earlierWindow(current(), 0, []) as Window;
  expect(reason(current(), from)).toBeNull();
  expect(reason(current(), from + 1)).toMatch(/far back/);
});

test('a method that was declared since has no earlier figures', () => {
  advance(200);
  instrumentHandler({ late(): void {} }, { service: 'Compared' });
  advance(200);
  expect(reason(current(), methodOf('get').since)).toBeNull();
  expect(reason(current(), methodOf('late').since)).toMatch(/far back/);
});

test.each([
  ['in the earlier window', 30],
  ['between the windows', 200],
  ['in the current window', 350],
])('a gap %s makes the earlier figures unknown', (_title, at) => {
  advance(at);
  time += 30_000;
  advance(370 - at);
  expect(reason(current())).toMatch(/gap/);
});

test('figures are not compared with a time in which recording was switched off', () => {
  advance(400);
  const off: ProcessEvent = { kind: 'recording-off', text: '', time: 150_000 };
  expect(reason(current(), 0, [off])).toMatch(/switched off/);
});
