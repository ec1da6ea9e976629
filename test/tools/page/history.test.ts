import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { currentRuntime } from '../../../src/runtime/runtime';
import {
  configureMetrics,
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  instrumentHandler,
  Objective,
  resetMetrics,
  Timed,
} from '../../../src/index';
import { History, MAX_METHODS } from '../../../src/tools/page/history';
import { createDetail } from '../../../src/tools/page/method-detail';
import { MAX_ERROR_TYPES } from '../../../src/tools/page/method-history';
import type { MethodDetail, MethodRow, Overview } from '../../../src/tools/page/browser/protocol';
import { createOverview } from '../../../src/tools/page/overview';
import { turnsDuring } from '../../support/turns-during';
import { methodKey } from '../../../src/tools/page/method-reader';
import { createWindow } from '../../../src/tools/page/timeline';

const SECOND = 1000;
const STARTED_AT = Date.now();

let history = new History(currentRuntime(), 451, 0);
let time = 0;
beforeEach(() => {
  configureMetrics({ registry: new Registry() });
  resetMetrics();
  begin();
});
afterEach(() => history.close());

function begin(capacity = 451): void {
  history.close();
  history = new History(currentRuntime(), capacity, 0);
  time = 0;
  history.sample(time);
}

/** Advances the time by this many seconds, with a sample every two. */
function advance(seconds: number): void {
  for (const end = time + seconds * SECOND; time < end;) history.sample((time += 2 * SECOND));
}

function overview(window = 60): Overview {
  return createOverview(
    currentRuntime(),
    history,
    createWindow(history.timeline, window, null),
    STARTED_AT,
  );
}

function rowOf(service: string, method: string, window = 60): MethodRow {
  const row = overview(window).methods.find(
    (other) => other.service === service && other.method === method,
  );
  if (row === undefined) throw new Error(`no row for ${service}.${method}`);
  return row;
}

function detailOf(service: string, method: string, window = 60): MethodDetail {
  const found = history.methods.get(methodKey(service, method));
  if (found === undefined) throw new Error(`no history of ${service}.${method}`);
  return createDetail(
    currentRuntime(),
    found,
    history,
    createWindow(history.timeline, window, null),
    STARTED_AT,
  );
}

/** Waits until this many seconds have passed on the clock of the calls. */
async function waitForAge(seconds: number): Promise<void> {
  const start = performance.now();
  while (performance.now() - start < seconds * 1000) {
    // oxlint-disable-next-line no-await-in-loop -- lets time pass
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function attempt(action: () => unknown): void {
  try {
    action();
  } catch {
    // Only the count of the error matters.
  }
}

class Ouch extends Error {}

@Instrumented
@Objective({ availability: 0.9, scope: 'service' })
class SharedHandler {
  get(): void {}

  put(error?: Error): void {
    if (error !== undefined) throw error;
  }

  @Objective({ availability: 0.5 })
  risky(error?: Error): void {
    if (error !== undefined) throw error;
  }
}

class MeasuredHandler {
  @Counted
  @Timed({ buckets: [10, 20] })
  @ErrorsCounted({ exceptions: [Ouch] })
  @InFlight
  static run(error?: Error): void {
    if (error !== undefined) throw error;
  }

  @Counted static countedOnly(): void {}

  @Timed static timedOnly(error?: Error): void {
    if (error !== undefined) throw error;
  }

  @Timed('summarised_seconds', { quantiles: [0.5] }) static summarised(): void {}

  @Counted('renamed_total', { labels: { kind: ({ args }) => String(args[0]) } })
  static renamed(kind: string): string {
    return kind;
  }

  @InFlight static wait(until: Promise<void>): Promise<void> {
    return until;
  }
}
MeasuredHandler.run();

it('sampling many series yields to the event loop and has the same result', async () => {
  class ManyHandler {
    @Counted({ labels: { user: ({ args }) => String(args[0]) } })
    static many(_user: number): void {}
  }
  begin();
  for (let user = 0; user < 1500; user++) ManyHandler.many(user);
  time += 2 * SECOND;
  const turns = await turnsDuring(history.sampleInSlices(() => time));
  expect(turns).toBeGreaterThan(1);
  expect(rowOf('Many', 'many').rate).toBeCloseTo(1500 / 2, 9);
});

describe('the history', () => {
  it('the rate covers the recorded time until that fills the window', () => {
    for (let i = 0; i < 40; i++) MeasuredHandler.run();
    advance(20);
    expect(rowOf('Measured', 'run').rate).toBe(2);
    advance(100);
    expect(rowOf('Measured', 'run').rate).toBe(0);
    expect(rowOf('Measured', 'run', 300).rate).toBeCloseTo(40 / 120, 12);
  });

  it('the history reaches back no further than its capacity', () => {
    begin(11);
    MeasuredHandler.run();
    advance(20);
    expect(rowOf('Measured', 'run', 900).rate).toBe(1 / 20);
    advance(2);
    expect(rowOf('Measured', 'run', 900).rate).toBe(0);
    const { from, to, historyFrom } = overview(900);
    expect([to - from, to - historyFrom]).toEqual([20 * SECOND, 20 * SECOND]);
  });

  it('calls made before the history began are not counted', () => {
    MeasuredHandler.run();
    begin();
    MeasuredHandler.run();
    advance(2);
    expect(rowOf('Measured', 'run').rate).toBe(0.5);
  });

  it('all calls of a method that is declared later are counted', () => {
    advance(2);
    const late = instrumentHandler({ arrive() {} }, { service: 'Late' });
    late.arrive();
    late.arrive();
    advance(2);
    expect(rowOf('Late', 'arrive').rate).toBe(0.5);
  });

  it('the history continues after the metrics are reset', () => {
    for (let i = 0; i < 6; i++) MeasuredHandler.run();
    advance(2);
    resetMetrics();
    for (let i = 0; i < 2; i++) MeasuredHandler.run();
    advance(2);
    expect(rowOf('Measured', 'run').rate).toBe(2);
    expect(detailOf('Measured', 'run').ok).toEqual([3, 1]);
    expect(detailOf('Measured', 'run').heat).toEqual([
      [6, 0, 0],
      [2, 0, 0],
    ]);
  });

  it('the latencies start over when the buckets change', () => {
    for (let i = 0; i < 6; i++) MeasuredHandler.timedOnly();
    advance(2);
    configureMetrics({ buckets: [100] });
    MeasuredHandler.timedOnly();
    advance(2);
    const { bounds, heat } = detailOf('Measured', 'timedOnly');
    expect(bounds).toEqual([100]);
    expect(heat).toEqual([
      [0, 0],
      [1, 0],
    ]);
    configureMetrics({ buckets: [0.5, 1] });
  });

  it('error types of a method beyond the limit are counted together', () => {
    for (let i = 0; i < MAX_ERROR_TYPES + 2; i++) {
      const error = new Error('ouch');
      error.name = `Kind${String(i).padStart(2, '0')}`;
      attempt(() => MeasuredHandler.run(error));
    }
    advance(2);
    const { errors } = detailOf('Measured', 'run');
    expect(errors.filter(({ type }) => type !== null)).toHaveLength(MAX_ERROR_TYPES);
    expect(errors.find(({ type }) => type === null)).toMatchObject({ count: 2, rate: 1 });
  });

  it('methods beyond the limit are left out, and the overview has their number', () => {
    const before = history.methods.size;
    const names = Array.from({ length: MAX_METHODS }, (_, i) => `method${i}`);
    const handler = Object.fromEntries(names.map((name) => [name, () => {}]));
    instrumentHandler(handler, { service: 'Many' });
    advance(2);
    expect(history.methods.size).toBe(MAX_METHODS);
    expect(overview().omittedMethods).toBe(before);
  });
});

describe('figures of a method', () => {
  it('the figures of a method tell failed calls from bad ones, and declared from undeclared errors', () => {
    for (let i = 0; i < 5; i++) MeasuredHandler.run();
    for (let i = 0; i < 2; i++) attempt(() => MeasuredHandler.run(new Ouch()));
    attempt(() => MeasuredHandler.run(new RangeError()));
    advance(2);
    const { failedRatio, badRatio, failedRate, badRate } = rowOf('Measured', 'run');
    expect([failedRatio, badRatio, failedRate, badRate]).toEqual([3 / 8, 1 / 8, 3 / 2, 1 / 2]);
    const { ok, declared, undeclared, errors } = detailOf('Measured', 'run');
    expect([ok, declared, undeclared]).toEqual([[2.5], [1], [0.5]]);
    expect(errors).toMatchObject([
      { kind: 'declared', type: 'Ouch', count: 2, rate: 1, traceId: null },
      { kind: 'undeclared', type: 'RangeError', count: 1, rate: 0.5, traceId: null },
    ]);
  });

  it('an error type has the times of its first and latest error, and a trace from its exemplar', () => {
    let trace = 'a1';
    configureMetrics({ exemplar: () => ({ trace_id: trace }) });
    const fail = (error: Error) => attempt(() => MeasuredHandler.run(error));
    const found = () => {
      const { errors, to } = detailOf('Measured', 'run', 60);
      return errors.map(({ type, firstSeen, lastSeen, traceId }) => [
        type,
        Math.round(((firstSeen ?? 0) - to) / SECOND),
        Math.round(((lastSeen ?? 0) - to) / SECOND),
        traceId,
      ]);
    };
    advance(4);
    fail(new RangeError());
    fail(new RangeError());
    advance(2);
    fail(new Ouch());
    trace = 'b2';
    advance(10);
    fail(new RangeError());
    advance(4);
    expect(found()).toEqual([
      ['RangeError', -14, -2, 'b2'],
      ['Ouch', -12, -12, 'a1'],
    ]);
    configureMetrics({ exemplar: null });
    // The window no longer has the first error, but its time is still known.
    advance(50);
    expect(found()).toEqual([['RangeError', -64, -52, 'b2']]);
  });

  it('figures that the metrics of a method cannot provide are null', () => {
    MeasuredHandler.countedOnly();
    attempt(() => MeasuredHandler.timedOnly(new Error('ouch')));
    advance(2);
    expect(rowOf('Measured', 'countedOnly')).toMatchObject({
      rate: 0.5,
      failedRatio: null,
      badRatio: null,
      p99: null,
      inFlight: null,
    });
    expect(rowOf('Measured', 'timedOnly')).toMatchObject({
      rate: 0.5,
      failedRatio: 1,
      // Without kinds, the failure may be a declared exception.
      badRatio: null,
      inFlight: null,
    });
  });

  it('calls of unknown outcome are not said to be successful', () => {
    MeasuredHandler.countedOnly();
    attempt(() => MeasuredHandler.timedOnly(new Error('ouch')));
    MeasuredHandler.run();
    advance(2);
    const outcomesOf = (method: string) => detailOf('Measured', method).outcomes;
    expect(['run', 'timedOnly', 'countedOnly'].map(outcomesOf)).toEqual([
      'by kind',
      'failed',
      'unknown',
    ]);
  });

  it('the figures of a renamed metric are summed over its custom labels', () => {
    MeasuredHandler.renamed('a');
    MeasuredHandler.renamed('b');
    MeasuredHandler.renamed('b');
    advance(2);
    expect(rowOf('Measured', 'renamed').rate).toBe(1.5);
  });

  it('the figures are found under a prefix that is set later', () => {
    configureMetrics({ prefix: 'my_' });
    MeasuredHandler.run();
    advance(2);
    expect(rowOf('Measured', 'run').rate).toBe(0.5);
    expect(detailOf('Measured', 'run').metrics.map(({ name }) => name)).toContain(
      'my_thrift_server_requests_total',
    );
    configureMetrics({ prefix: '' });
  });

  it('a method with a summary has percentiles, but no history of them', () => {
    MeasuredHandler.summarised();
    advance(2);
    const { p50, p99, p99s, highestBound } = rowOf('Measured', 'summarised');
    expect(p50).toBeGreaterThan(0);
    expect(p99).toBe(p50);
    expect([p99s, highestBound]).toEqual([[null], null]);
    expect(detailOf('Measured', 'summarised').latency).toBe('summary');
  });

  it('calls in flight are counted at the end of the window', async () => {
    let finish = (): void => {};
    const until = new Promise<void>((resolve) => (finish = resolve));
    const calls = [MeasuredHandler.wait(until), MeasuredHandler.wait(until)];
    advance(2);
    const during = history.timeline.newest;
    expect(rowOf('Measured', 'wait').inFlight).toBe(2);
    finish();
    await Promise.all(calls);
    advance(2);
    expect(rowOf('Measured', 'wait').inFlight).toBe(0);
    const then = createOverview(
      currentRuntime(),
      history,
      createWindow(history.timeline, 60, during),
      STARTED_AT,
    );
    expect(then.methods.find(({ method }) => method === 'wait')?.inFlight).toBe(2);
  });
});

describe('the oldest call', () => {
  it('the age of the oldest call is recorded with each sample, and is unknown without a metric', async () => {
    let finish = (): void => {};
    const until = new Promise<void>((resolve) => (finish = resolve));
    const call = MeasuredHandler.wait(until);
    await waitForAge(0.01);
    advance(2);
    const { oldest } = rowOf('Measured', 'wait');
    expect(oldest).toBeGreaterThanOrEqual(0.01);
    const then = history.timeline.newest;
    finish();
    await call;
    advance(2);
    expect(rowOf('Measured', 'wait').oldest).toBe(0);
    expect(rowOf('Measured', 'countedOnly').oldest).toBeNull();
    const earlier = createOverview(
      currentRuntime(),
      history,
      createWindow(history.timeline, 60, then),
      STARTED_AT,
    );
    expect(earlier.methods.find(({ method }) => method === 'wait')?.oldest).toBe(oldest);
  });

  it('a call hangs after 20 times its bound or usual latency, and not before two seconds', () => {
    PromisedHandler.lenient();
    MeasuredHandler.run();
    MeasuredHandler.timedOnly();
    advance(2);
    // Its objective is 10 s.
    expect(rowOf('Promised', 'lenient').hangAge).toBe(200);
    // The only bucket below 10 s.
    expect(rowOf('Measured', 'run').hangAge).toBeCloseTo(20 * 9.9, 9);
    expect(rowOf('Measured', 'timedOnly').hangAge).toBeCloseTo(20 * 0.495, 9);
    configureMetrics({ buckets: [0.001, 1] });
    MeasuredHandler.timedOnly();
    advance(2);
    expect(rowOf('Measured', 'timedOnly').hangAge).toBe(2);
    configureMetrics({ buckets: [0.5, 1] });
    begin();
    advance(2);
    expect(rowOf('Measured', 'run').hangAge).toBe(20);
    expect(rowOf('Measured', 'wait').hangAge).toBe(60);
  });
});

describe('gaps in the history', () => {
  it('a step without samples has no figures, but its calls count', () => {
    advance(4);
    for (let i = 0; i < 40; i++) MeasuredHandler.run();
    history.sample((time += 20 * SECOND));
    advance(4);
    const { gaps, from, times } = overview();
    expect(gaps.map((gap) => [gap.from - from, gap.to - from])).toEqual([[4000, 24_000]]);
    expect(times.map((end) => end - from)).toEqual([2000, 4000, 24_000, 26_000, 28_000]);
    const { rate, rates, p99s } = rowOf('Measured', 'run');
    expect(rate).toBeCloseTo(40 / 28, 9);
    expect(rates).toEqual([0, 0, null, 0, 0]);
    expect(p99s[2]).toBeNull();
    const { ok, seconds } = detailOf('Measured', 'run');
    expect(ok).toEqual([0, 0, null, 0, 0]);
    expect(seconds).toEqual([2, 2, 20, 2, 2]);
  });

  it('a sample that is somewhat late does not make a gap', () => {
    history.sample((time += 5 * SECOND));
    advance(2);
    expect(overview().gaps).toEqual([]);
    expect(rowOf('Measured', 'run').rates).toEqual([0, 0]);
  });
});

class PromisedHandler {
  @Counted
  @Timed({ buckets: [10, 20] })
  @ErrorsCounted({ exceptions: [Ouch] })
  @Objective({ availability: 0.9, latency: { target: 0.8, within: 10 } })
  static lenient(error?: Error): void {
    if (error !== undefined) throw error;
  }

  @Counted
  @Timed
  @ErrorsCounted({ exceptions: [Ouch] })
  @Objective({ availability: 0.75, declaredExceptionsAreErrors: true, window: '7d' })
  static strict(error?: Error): void {
    if (error !== undefined) throw error;
  }

  @Timed
  @ErrorsCounted
  @Objective({ availability: 0.5 })
  static settling(error?: Error): void {
    if (error !== undefined) throw error;
  }

  @Timed
  @Objective({ availability: 0.9 })
  static uncounted(): void {}
}
PromisedHandler.uncounted();

describe('error budgets', () => {
  const promisesOf = (method: string, window?: number) => detailOf('Promised', method, window);

  it('an error budget without calls is null', () => {
    advance(2);
    expect(promisesOf('lenient').budgets).toMatchObject([
      { inWindow: null, inHistory: null, sinceStart: null },
      { inWindow: null, inHistory: null, sinceStart: null },
    ]);
  });

  it('an error budget has what is left in the window, in the recorded time and since the start', () => {
    begin(61);
    // Of 20 calls 2 may fail, and 1 does.
    for (let i = 0; i < 19; i++) PromisedHandler.lenient();
    attempt(() => PromisedHandler.lenient(new Error('ouch')));
    advance(60);
    // Of 10 calls 1 may fail, and 2 do: the budget of all 30 calls is exactly spent.
    for (let i = 0; i < 8; i++) PromisedHandler.lenient();
    for (let i = 0; i < 2; i++) attempt(() => PromisedHandler.lenient(new Error('ouch')));
    advance(30);
    const [availability, latency] = promisesOf('lenient', 30).budgets;
    expect(availability?.objective).toBe(
      '90 % of calls do not fail, except by declared exceptions',
    );
    expect(availability?.inWindow).toBeCloseTo(-1, 12);
    expect(availability?.inHistory).toBeCloseTo(0, 12);
    expect(availability?.sinceStart).toBeCloseTo(0, 12);
    expect(latency).toMatchObject({
      objective: '80 % of calls settle within 10 s',
      inWindow: 1,
      sinceStart: 1,
    });
    // The history no longer has the first calls.
    advance(60);
    expect(promisesOf('lenient', 900).budgets[0]?.inHistory).toBeCloseTo(-1, 12);
    expect(promisesOf('lenient', 900).budgets[0]?.sinceStart).toBeCloseTo(0, 12);
  });

  it('declared exceptions use up an error budget if its objective counts them as errors', () => {
    for (let i = 0; i < 7; i++) PromisedHandler.strict();
    attempt(() => PromisedHandler.strict(new Ouch()));
    attempt(() => PromisedHandler.lenient(new Ouch()));
    advance(2);
    expect(promisesOf('strict').objectiveWindow).toBe('7d');
    expect(promisesOf('strict').budgets[0]?.inWindow).toBeCloseTo(0.5, 12);
    expect(rowOf('Promised', 'strict')).toMatchObject({ failedRatio: 1 / 8, badRatio: 1 / 8 });
    expect(rowOf('Promised', 'lenient')).toMatchObject({ failedRatio: 1, badRatio: 0 });
    expect(promisesOf('lenient').budgets[0]?.inWindow).toBe(1);
  });

  it('an error budget needs no counter of calls, because calls that settle count too', () => {
    for (let i = 0; i < 9; i++) PromisedHandler.settling();
    attempt(() => PromisedHandler.settling(new Error('ouch')));
    advance(2);
    expect(promisesOf('settling').budgets[0]?.inWindow).toBeCloseTo(1 - 0.1 / 0.5, 12);
  });

  it('methods that share an objective show one error budget, and a method with its own shows that', () => {
    const handler = new SharedHandler();
    for (let i = 0; i < 15; i++) handler.get();
    for (let i = 0; i < 4; i++) handler.put();
    attempt(() => handler.put(new Error('ouch')));
    for (let i = 0; i < 3; i++) attempt(() => handler.risky(new Error('ouch')));
    handler.risky();
    advance(2);
    // Of 20 calls to both methods 2 may fail, and 1 does.
    for (const method of ['get', 'put']) {
      const [budget, ...others] = detailOf('Shared', method).budgets;
      expect(budget?.objective).toBe(
        '90 % of calls to the service do not fail, except by declared exceptions',
      );
      expect(budget?.inWindow).toBeCloseTo(0.5, 12);
      expect(others).toEqual([]);
    }
    // Of 4 calls 2 may fail, and 3 do.
    expect(detailOf('Shared', 'risky').budgets).toMatchObject([{ inWindow: -0.5 }]);
  });

  it('the overview counts each missed target once, and shows the least budget of a method', () => {
    advance(2);
    const { total } = overview().objectives;
    expect(overview().objectives).toEqual({ missed: 0, known: 0, total });
    const handler = new SharedHandler();
    handler.get();
    for (let i = 0; i < 2; i++) attempt(() => handler.put(new Error('ouch')));
    for (let i = 0; i < 3; i++) PromisedHandler.lenient();
    attempt(() => PromisedHandler.lenient(new Error('ouch')));
    advance(2);
    // Both methods of the service miss one objective; `lenient` misses one of its two.
    expect(overview().objectives).toEqual({ missed: 2, known: 3, total });
    const expected = 1 - 2 / 3 / 0.1;
    expect(rowOf('Shared', 'get').budget).toBeCloseTo(expected, 9);
    expect(rowOf('Shared', 'put').budget).toBeCloseTo(expected, 9);
    expect(rowOf('Promised', 'lenient').budget).toBeCloseTo(1 - 1 / 4 / 0.1, 9);
    expect(rowOf('Promised', 'lenient').latencyBound).toBe(10);
    expect(rowOf('Measured', 'run')).toMatchObject({ budget: null, latencyBound: null });
  });

  it('an error budget is unknown if errors are not counted by kind', () => {
    PromisedHandler.uncounted();
    advance(2);
    expect(promisesOf('uncounted').budgets).toMatchObject([
      {
        unknownReason: 'no metric counts the errors of the method by kind; @ErrorsCounted does',
        inWindow: null,
      },
    ]);
  });
});
