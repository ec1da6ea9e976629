import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { configureMetrics, Counted, instrumentHandler, resetMetrics } from '../../../src/index';
import { currentRuntime } from '../../../src/runtime/runtime';
import type { MethodDetail, Overview } from '../../../src/tools/page/browser/protocol';
import { History } from '../../../src/tools/page/history';
import { createDetail } from '../../../src/tools/page/method-detail';
import { methodKey } from '../../../src/tools/page/method-reader';
import { createOverview } from '../../../src/tools/page/overview';
import { createWindow } from '../../../src/tools/page/timeline';

vi.mock('../../../src/metrics/clock', async (original) => ({
  ...(await original<object>()),
  ...(await import('../../support/fakeable-clock.js')),
}));

/** The clock of the calls, in milliseconds, which only handlers and the test advance. */
let clock = 5_000_000;
vi.spyOn(process, 'hrtime').mockImplementation((() => [
  Math.floor(clock / 1000),
  (clock % 1000) * 1e6,
]) as never);

let history: History;
let time = 0;
beforeEach(() => {
  configureMetrics({ registry: new Registry(), rules: [] });
  resetMetrics();
  history = new History(currentRuntime(), 451, 0);
  time = 0;
  history.sample(time);
});
afterEach(() => history.close());

/** Advances both clocks by this many seconds, with a sample every two. */
function advance(seconds: number): void {
  for (const end = time + seconds * 1000; time < end;) {
    clock += 2000;
    history.sample((time += 2000));
  }
}

function overview(seconds: number): Overview {
  const window = createWindow(history.timeline, seconds, null);
  return createOverview(currentRuntime(), history, window, 0);
}

function timeOf(service: string, method: string, seconds = 60): MethodDetail['time'] {
  const found = history.methods.get(methodKey(service, method));
  if (found === undefined) throw new Error(`no history of ${service}.${method}`);
  const window = createWindow(history.timeline, seconds, null);
  return createDetail(currentRuntime(), found, history, window, 0).time;
}

type Method = (milliseconds: number, later?: number) => Promise<void>;

/** Holds the event loop, and settles later. */
const method: Method = async (milliseconds, later = 0) => {
  clock += milliseconds;
  await Promise.resolve();
  clock += later;
};

const NAMES = Array.from({ length: 50 }, (_, i) => `method${i}`);
const shop = instrumentHandler(Object.fromEntries(NAMES.map((name) => [name, method])), {
  service: 'Shop',
});
const call = async (name: string, ...times: Parameters<Method>): Promise<void> =>
  shop[name]?.(...times);

describe('the methods that hold the event loop', () => {
  test('among 50 methods, the planted blocker is named first, with its share and longest block', async () => {
    for (const name of NAMES) await call(name, 1);
    // Slow, but it does not hold the event loop.
    await call('method7', 2, 5000);
    for (let i = 0; i < 10; i++) await call('method33', 200);
    await call('method12', 700);
    advance(10);
    const { blockers, longest, isMeasured } = overview(60).eventLoop;
    expect(isMeasured).toBe(true);
    expect(blockers.map((each) => each.method)).toEqual(['method33', 'method12', 'method7']);
    expect(blockers[0]?.share).toBeCloseTo((0.001 + 10 * 0.2) / 10, 9);
    expect(blockers[0]?.longestBlock).toBe(0.2);
    expect(longest).toMatchObject({ service: 'Shop', method: 'method12', longestBlock: 0.7 });
  });

  test('a block is shown as long as the window has samples of it', async () => {
    await call('method1', 900);
    advance(2);
    await call('method2', 30);
    advance(120);
    await call('method3', 20);
    advance(2);
    const names = (seconds: number) =>
      overview(seconds).eventLoop.blockers.map((each) => each.method);
    expect(names(300)).toEqual(['method1', 'method2', 'method3']);
    expect(names(60)).toEqual(['method3']);
  });

  test('without calls, no method is named as holding the event loop', () => {
    advance(4);
    expect(overview(60).eventLoop).toMatchObject({ isMeasured: true, blockers: [], longest: null });
  });

  test('without samples, the use of the event loop is unknown', () => {
    expect(overview(60).eventLoop).toMatchObject({ utilization: null, blockers: [] });
  });
});

describe('where the time goes', () => {
  test('the time of an average call is divided into the synchronous part and what follows', async () => {
    await call('method4', 10, 30);
    await call('method4', 20, 60);
    advance(2);
    const split = timeOf('Shop', 'method4');
    expect(split).toMatchObject({ calls: 2, queue: null, decode: null, write: null });
    expect(split.handler).toBeCloseTo(0.06, 9);
    expect(split.synchronous).toBeCloseTo(0.015, 9);
    expect(split.waiting).toBeCloseTo(0.045, 9);
  });

  test('a handler that goes on after it has called back is not split into more than its latency', async () => {
    const handler = instrumentHandler(
      {
        early(answer: () => void): void {
          clock += 10;
          answer();
          clock += 90;
        },
      },
      { service: 'Early' },
    );
    handler.early(() => {});
    advance(2);
    expect(timeOf('Early', 'early')).toMatchObject({ waiting: 0 });
    expect(timeOf('Early', 'early').synchronous).toBeCloseTo(0.01, 9);
  });

  test('while a rule excludes the synchronous part, only the whole time in the handler is known', async () => {
    configureMetrics({
      rules: [{ match: { metric: 'thrift_server_event_loop_*' }, exclude: true }],
    });
    await call('method5', 10, 30);
    advance(2);
    const split = timeOf('Shop', 'method5');
    expect(split).toMatchObject({ synchronous: null, waiting: null });
    expect(split.handler).toBeCloseTo(0.04, 9);
    expect(overview(60).eventLoop.blockers).toEqual([]);
  });

  test('a method without a latency metric or without calls has no times to divide', () => {
    class CountedHandler {
      @Counted static only(): void {}
    }
    CountedHandler.only();
    advance(2);
    const none = { calls: 0, handler: null, synchronous: null, waiting: null };
    expect(timeOf('Counted', 'only')).toMatchObject(none);
    expect(timeOf('Shop', 'method6')).toMatchObject(none);
  });

  test('after a reset, only the time of later calls is divided', async () => {
    await call('method8', 100, 0);
    advance(2);
    resetMetrics();
    await call('method8', 10, 10);
    advance(2);
    const split = timeOf('Shop', 'method8', 2);
    expect(split.synchronous).toBeCloseTo(0.01, 9);
    expect(split.waiting).toBeCloseTo(0.01, 9);
  });
});
