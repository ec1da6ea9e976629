import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  configureMetrics,
  Counted,
  ErrorsCounted,
  InFlight,
  instrumentHandler,
  Objective,
  resetMetrics,
  Timed,
} from '../../src/index';
import { History, MOST_METHODS } from '../../src/tools/page/history';
import { createDetail } from '../../src/tools/page/method-detail';
import { MOST_ERROR_TYPES } from '../../src/tools/page/method-history';
import type { MethodDetail, MethodRow, Overview } from '../../src/tools/page/browser/protocol';
import { createOverview } from '../../src/tools/page/overview';
import { turnsDuring } from '../support/turns-during';
import { methodKey } from '../../src/tools/page/read-methods';
import { createWindow } from '../../src/tools/page/timeline';

const SECOND = 1000;
const BEGAN_AT = Date.now();

let history = new History(451, 0);
let time = 0;
beforeEach(() => {
  configureMetrics({ registry: new Registry() });
  resetMetrics();
  begin();
});
afterEach(() => history.close());

function begin(capacity = 451): void {
  history.close();
  history = new History(capacity, 0);
  time = 0;
  history.sample(time);
}

/** Lets time go on by so many seconds, with a sample every two. */
function pass(seconds: number): void {
  for (const end = time + seconds * SECOND; time < end;) history.sample((time += 2 * SECOND));
}

function overview(window = 60): Overview {
  return createOverview(history, createWindow(history.timeline, window, null), BEGAN_AT);
}

function rowOf(service: string, method: string, window = 60): MethodRow {
  const row = overview(window).methods.find(
    (other) => other.service === service && other.method === method,
  );
  if (row === undefined) throw new Error(`no row of ${service}.${method}`);
  return row;
}

function detailOf(service: string, method: string, window = 60): MethodDetail {
  const found = history.methods.get(methodKey(service, method));
  if (found === undefined) throw new Error(`nothing is kept of ${service}.${method}`);
  return createDetail(found, createWindow(history.timeline, window, null), BEGAN_AT);
}

function attempt(action: () => unknown): void {
  try {
    action();
  } catch {
    // The error is what is counted.
  }
}

class Ouch extends Error {}

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

it('gives the event loop back while it reads many series, and reads the same', async () => {
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

describe('what is kept', () => {
  it('gives the rate over the time that is held, until that is the window', () => {
    for (let i = 0; i < 40; i++) MeasuredHandler.run();
    pass(20);
    expect(rowOf('Measured', 'run').rate).toBe(2);
    pass(100);
    expect(rowOf('Measured', 'run').rate).toBe(0);
    expect(rowOf('Measured', 'run', 300).rate).toBeCloseTo(40 / 120, 12);
  });

  it('does not reach further back than it has room for', () => {
    begin(11);
    MeasuredHandler.run();
    pass(20);
    expect(rowOf('Measured', 'run', 900).rate).toBe(1 / 20);
    pass(2);
    expect(rowOf('Measured', 'run', 900).rate).toBe(0);
    const { from, to, heldFrom } = overview(900);
    expect([to - from, to - heldFrom]).toEqual([20 * SECOND, 20 * SECOND]);
  });

  it('does not count what was before it began', () => {
    MeasuredHandler.run();
    begin();
    MeasuredHandler.run();
    pass(2);
    expect(rowOf('Measured', 'run').rate).toBe(0.5);
  });

  it('counts all of a method that was declared later', () => {
    pass(2);
    const late = instrumentHandler({ arrive() {} }, { service: 'Late' });
    late.arrive();
    late.arrive();
    pass(2);
    expect(rowOf('Late', 'arrive').rate).toBe(0.5);
  });

  it('goes on after values were set to 0', () => {
    for (let i = 0; i < 6; i++) MeasuredHandler.run();
    pass(2);
    resetMetrics();
    for (let i = 0; i < 2; i++) MeasuredHandler.run();
    pass(2);
    expect(rowOf('Measured', 'run').rate).toBe(2);
    expect(detailOf('Measured', 'run').ok).toEqual([3, 1]);
    expect(detailOf('Measured', 'run').heat).toEqual([
      [6, 0, 0],
      [2, 0, 0],
    ]);
  });

  it('begins the latencies anew with other buckets', () => {
    for (let i = 0; i < 6; i++) MeasuredHandler.timedOnly();
    pass(2);
    configureMetrics({ buckets: [100] });
    MeasuredHandler.timedOnly();
    pass(2);
    const { bounds, heat } = detailOf('Measured', 'timedOnly');
    expect(bounds).toEqual([100]);
    expect(heat).toEqual([
      [0, 0],
      [1, 0],
    ]);
    configureMetrics({ buckets: [0.5, 1] });
  });

  it('keeps so many types of errors of a method, and counts the others together', () => {
    for (let i = 0; i < MOST_ERROR_TYPES + 2; i++) {
      const error = new Error('ouch');
      error.name = `Kind${String(i).padStart(2, '0')}`;
      attempt(() => MeasuredHandler.run(error));
    }
    pass(2);
    const { errors } = detailOf('Measured', 'run');
    expect(errors.filter(({ type }) => type !== null)).toHaveLength(MOST_ERROR_TYPES);
    expect(errors.find(({ type }) => type === null)).toMatchObject({ count: 2, rate: 1 });
  });

  it('keeps so many methods, and says how many are left out', () => {
    const before = history.methods.size;
    const names = Array.from({ length: MOST_METHODS }, (_, i) => `method${i}`);
    const handler = Object.fromEntries(names.map((name) => [name, () => {}]));
    instrumentHandler(handler, { service: 'Many' });
    pass(2);
    expect(history.methods.size).toBe(MOST_METHODS);
    expect(overview().methodsLeftOut).toBe(before);
  });
});

describe('figures of a method', () => {
  it('tell declared from undeclared errors', () => {
    for (let i = 0; i < 5; i++) MeasuredHandler.run();
    for (let i = 0; i < 2; i++) attempt(() => MeasuredHandler.run(new Ouch()));
    attempt(() => MeasuredHandler.run(new RangeError()));
    pass(2);
    const { errorRatio, undeclaredRatio } = rowOf('Measured', 'run');
    expect([errorRatio, undeclaredRatio]).toEqual([3 / 8, 1 / 8]);
    const { ok, declared, undeclared, errors } = detailOf('Measured', 'run');
    expect([ok, declared, undeclared]).toEqual([[2.5], [1], [0.5]]);
    expect(errors).toEqual([
      { kind: 'declared', type: 'Ouch', count: 2, rate: 1 },
      { kind: 'undeclared', type: 'RangeError', count: 1, rate: 0.5 },
    ]);
  });

  it('are what its metrics can tell, and null for the rest', () => {
    MeasuredHandler.countedOnly();
    attempt(() => MeasuredHandler.timedOnly(new Error('ouch')));
    pass(2);
    expect(rowOf('Measured', 'countedOnly')).toMatchObject({
      rate: 0.5,
      errorRatio: null,
      undeclaredRatio: null,
      p99: null,
      inFlight: null,
    });
    expect(rowOf('Measured', 'timedOnly')).toMatchObject({
      rate: 0.5,
      errorRatio: 1,
      undeclaredRatio: 1,
      inFlight: null,
    });
  });

  it('are summed over labels of the user, under a name of the user', () => {
    MeasuredHandler.renamed('a');
    MeasuredHandler.renamed('b');
    MeasuredHandler.renamed('b');
    pass(2);
    expect(rowOf('Measured', 'renamed').rate).toBe(1.5);
  });

  it('are there under a prefix that was set later', () => {
    configureMetrics({ prefix: 'my_' });
    MeasuredHandler.run();
    pass(2);
    expect(rowOf('Measured', 'run').rate).toBe(0.5);
    expect(detailOf('Measured', 'run').metrics.map(({ name }) => name)).toContain(
      'my_thrift_server_requests_total',
    );
    configureMetrics({ prefix: '' });
  });

  it('have the percentiles of a summary, without a course', () => {
    MeasuredHandler.summarised();
    pass(2);
    const { p50, p99, p99s, highestBound } = rowOf('Measured', 'summarised');
    expect(p50).toBeGreaterThan(0);
    expect(p99).toBe(p50);
    expect([p99s, highestBound]).toEqual([[null], null]);
    expect(detailOf('Measured', 'summarised').latency).toBe('summary');
  });

  it('count the calls that were in flight at the end of the window', async () => {
    let finish = (): void => {};
    const until = new Promise<void>((resolve) => (finish = resolve));
    const calls = [MeasuredHandler.wait(until), MeasuredHandler.wait(until)];
    pass(2);
    const during = history.timeline.newest;
    expect(rowOf('Measured', 'wait').inFlight).toBe(2);
    finish();
    await Promise.all(calls);
    pass(2);
    expect(rowOf('Measured', 'wait').inFlight).toBe(0);
    const then = createOverview(history, createWindow(history.timeline, 60, during), BEGAN_AT);
    expect(then.methods.find(({ method }) => method === 'wait')?.inFlight).toBe(2);
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
  @Objective({ availability: 0.9 })
  static untold(): void {}
}
PromisedHandler.untold();

describe('budgets', () => {
  const promisesOf = (method: string, window?: number) => detailOf('Promised', method, window);

  it('are null without calls', () => {
    pass(2);
    expect(promisesOf('lenient').budgets).toMatchObject([
      { inWindow: null, held: null, sinceBegin: null },
      { inWindow: null, held: null, sinceBegin: null },
    ]);
  });

  it('are what is left over the window, over what is held, and since the begin', () => {
    begin(61);
    // Of 20 calls 2 may fail, and 1 does.
    for (let i = 0; i < 19; i++) PromisedHandler.lenient();
    attempt(() => PromisedHandler.lenient(new Error('ouch')));
    pass(60);
    // Of 10 calls 1 may fail, and 2 do: the budget of all 30 calls is just spent.
    for (let i = 0; i < 8; i++) PromisedHandler.lenient();
    for (let i = 0; i < 2; i++) attempt(() => PromisedHandler.lenient(new Error('ouch')));
    pass(30);
    const [availability, latency] = promisesOf('lenient', 30).budgets;
    expect(availability?.promise).toBe('90 % of calls do not fail with an undeclared error');
    expect(availability?.inWindow).toBeCloseTo(-1, 12);
    expect(availability?.held).toBeCloseTo(0, 12);
    expect(availability?.sinceBegin).toBeCloseTo(0, 12);
    expect(latency).toMatchObject({
      promise: '80 % of calls settle within 10 s',
      inWindow: 1,
      sinceBegin: 1,
    });
    // The first calls are held no more.
    pass(60);
    expect(promisesOf('lenient', 900).budgets[0]?.held).toBeCloseTo(-1, 12);
    expect(promisesOf('lenient', 900).budgets[0]?.sinceBegin).toBeCloseTo(0, 12);
  });

  it('count declared exceptions where they are errors', () => {
    for (let i = 0; i < 7; i++) PromisedHandler.strict();
    attempt(() => PromisedHandler.strict(new Ouch()));
    attempt(() => PromisedHandler.lenient(new Ouch()));
    pass(2);
    expect(promisesOf('strict').objectiveWindow).toBe('7d');
    expect(promisesOf('strict').budgets[0]?.inWindow).toBeCloseTo(0.5, 12);
    expect(promisesOf('lenient').budgets[0]?.inWindow).toBe(1);
  });

  it('say that they cannot be told where errors are not counted by kind', () => {
    PromisedHandler.untold();
    pass(2);
    expect(promisesOf('untold').budgets).toMatchObject([
      { unknown: 'the method counts no errors by kind, or no calls', inWindow: null },
    ]);
  });
});
