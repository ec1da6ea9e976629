import { channel } from 'node:diagnostics_channel';

import { Registry } from 'prom-client';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import {
  configureMetrics,
  Counted,
  InFlight,
  Instrumented,
  instrument,
  instrumentHandler,
  resetMetrics,
  Timed,
} from '../../src/index';
import { samplesOf } from '../support/value-of';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

/** A clock that only the methods below advance, in milliseconds. */
const clock = { milliseconds: 5000, readings: 0 };
vi.spyOn(process, 'hrtime').mockImplementation((() => {
  clock.readings++;
  const { milliseconds } = clock;
  return [Math.floor(milliseconds / 1000), (milliseconds % 1000) * 1e6];
}) as never);

function spend(milliseconds: number): void {
  clock.milliseconds += milliseconds;
}

const TOTAL = 'thrift_server_event_loop_seconds_total';
const LONGEST = 'thrift_server_event_loop_longest_seconds';

let registry = new Registry();
beforeEach(() => {
  registry = new Registry();
  configureMetrics({ registry, rules: [], enabled: true });
  resetMetrics();
});

/** Total and longest of each method of a service, in milliseconds, without methods that are at 0. */
async function heldBy(service: string): Promise<Record<string, [number, number]>> {
  const samples = await samplesOf(registry);
  const held: Record<string, [number, number]> = {};
  for (const { name, labels, value } of samples) {
    if (labels['thrift_service'] !== service || value === 0) continue;
    if (name !== TOTAL && name !== LONGEST) continue;
    const pair = (held[String(labels['thrift_method'])] ??= [0, 0]);
    pair[name === TOTAL ? 0 : 1] = Math.round(value * 1e6) / 1e3;
  }
  return held;
}

type Callback = (error: Error | null, result?: number) => void;

@Instrumented({ service: 'Loop' })
class LoopHandler {
  plain(milliseconds: number): number {
    spend(milliseconds);
    return milliseconds;
  }

  failing(milliseconds: number): void {
    spend(milliseconds);
    throw new Error('failed');
  }

  async awaiting(before: number, after: number): Promise<void> {
    spend(before);
    await Promise.resolve();
    spend(after);
  }

  async rejecting(before: number): Promise<void> {
    spend(before);
    throw new Error('failed');
  }

  // oxlint-disable-next-line typescript/promise-function-async -- the wrapper cannot know that it returns a promise
  returning(before: number): Promise<void> {
    spend(before);
    return Promise.resolve();
  }

  later(before: number, answer: Callback): void {
    spend(before);
    setImmediate(() => {
      spend(500);
      answer(null, 1);
    });
  }

  atOnce(before: number, after: number, answer: Callback): void {
    spend(before);
    answer(null, 1);
    spend(after);
  }

  outer(own: number, inner: number): number {
    spend(own / 2);
    this.plain(inner);
    this.plain(inner);
    spend(own / 2);
    return own;
  }

  async outerAsync(own: number, inner: number): Promise<void> {
    spend(own);
    const pending = this.awaiting(inner, 1000);
    spend(own);
    await pending;
    // Not part of this call's synchronous part, but of the synchronous part of the other call.
    this.plain(7);
  }

  outerFailing(own: number, inner: number): void {
    spend(own);
    try {
      this.failing(inner);
    } catch {
      spend(own);
    }
  }
}

const KINDS: readonly (readonly [string, () => LoopHandler, string])[] = [
  ['a decorated class', () => new LoopHandler(), 'Loop'],
  [
    'instrumentHandler with labels of the call',
    () =>
      instrumentHandler(bare(), {
        service: 'Facade',
        labels: { first: (call) => String(call.args[0]) },
      }),
    'Facade',
  ],
];

/** The methods without decorators, which call each other through the facade of the last handler that was made. */
function bare(): LoopHandler {
  const handler: LoopHandler = {
    plain(milliseconds) {
      spend(milliseconds);
      return milliseconds;
    },
    failing(milliseconds) {
      spend(milliseconds);
      throw new Error('failed');
    },
    async awaiting(before, after) {
      spend(before);
      await Promise.resolve();
      spend(after);
    },
    async rejecting(before) {
      spend(before);
      throw new Error('failed');
    },
    // oxlint-disable-next-line typescript/promise-function-async -- the wrapper cannot know that it returns a promise
    returning(before) {
      spend(before);
      return Promise.resolve();
    },
    later(before, answer) {
      spend(before);
      setImmediate(() => {
        spend(500);
        answer(null, 1);
      });
    },
    atOnce(before, after, answer) {
      spend(before);
      answer(null, 1);
      spend(after);
    },
    outer(own, inner) {
      spend(own / 2);
      facade.plain(inner);
      facade.plain(inner);
      spend(own / 2);
      return own;
    },
    async outerAsync(own, inner) {
      spend(own);
      const pending = facade.awaiting(inner, 1000);
      spend(own);
      await pending;
      facade.plain(7);
    },
    outerFailing(own, inner) {
      spend(own);
      try {
        facade.failing(inner);
      } catch {
        spend(own);
      }
    },
  };
  return handler;
}
let facade: LoopHandler = bare();

describe.each(KINDS)('methods of %s', (_, create, service) => {
  let handler: LoopHandler;
  beforeEach(() => {
    handler = create();
    facade = handler;
  });

  test('a plain result holds the event loop for its whole duration', async () => {
    handler.plain(20);
    handler.plain(30);
    expect(await heldBy(service)).toEqual({ plain: [50, 30] });
  });

  test('a call that throws holds the event loop until it throws', async () => {
    expect(() => handler.failing(20)).toThrow('failed');
    expect(await heldBy(service)).toEqual({ failing: [20, 20] });
  });

  test('of an async method, only the part until it returns its promise counts', async () => {
    await handler.awaiting(20, 400);
    await handler.rejecting(5).catch(() => {});
    await handler.returning(3);
    expect(await heldBy(service)).toEqual({
      awaiting: [20, 20],
      rejecting: [5, 5],
      returning: [3, 3],
    });
  });

  test('in callback style, the part until the method returns counts, whenever it calls back', async () => {
    await new Promise<void>((resolve) => handler.later(20, () => resolve()));
    handler.atOnce(3, 4, () => {});
    expect(await heldBy(service)).toEqual({ later: [20, 20], atOnce: [7, 7] });
  });

  test('a call inside another one counts for itself, so the sum is the time that has passed', async () => {
    const before = clock.milliseconds;
    handler.outer(10, 100);
    const held = await heldBy(service);
    expect(held).toEqual({ outer: [10, 10], plain: [200, 100] });
    expect(clock.milliseconds - before).toBe(10 + 200);
  });

  test('a call inside the synchronous part of an async one counts for itself alone', async () => {
    await handler.outerAsync(10, 100);
    expect(await heldBy(service)).toEqual({
      outerAsync: [20, 20],
      awaiting: [100, 100],
      plain: [7, 7],
    });
  });

  test('a call inside another one that throws counts for itself', async () => {
    handler.outerFailing(10, 100);
    expect(await heldBy(service)).toEqual({ outerFailing: [20, 20], failing: [100, 100] });
  });

  test('calls whose events are published are recorded as well', async () => {
    const start = channel('tracing:thrift.server.call:start');
    const subscriber = (): void => {};
    start.subscribe(subscriber);
    try {
      handler.outer(10, 100);
      await handler.awaiting(20, 400);
      expect(() => handler.failing(5)).toThrow('failed');
    } finally {
      start.unsubscribe(subscriber);
    }
    expect(await heldBy(service)).toEqual({
      outer: [10, 10],
      plain: [200, 100],
      awaiting: [20, 20],
      failing: [5, 5],
    });
  });

  test('a call with a plain result reads the clock twice, one with a promise three times', async () => {
    handler.plain(1);
    await handler.awaiting(1, 1);
    clock.readings = 0;
    handler.plain(1);
    expect(clock.readings).toBe(2);
    clock.readings = 0;
    expect(() => handler.failing(1)).toThrow('failed');
    expect(clock.readings).toBe(2);
    clock.readings = 0;
    await handler.awaiting(1, 1);
    expect(clock.readings).toBe(3);
    clock.readings = 0;
    await handler.returning(1);
    expect(clock.readings).toBe(3);
  });

  test('while a rule excludes both metrics, an async call reads the clock twice', async () => {
    configureMetrics({
      rules: [{ match: { metric: 'thrift_server_event_loop_*' }, exclude: true }],
    });
    await handler.awaiting(1, 1);
    clock.readings = 0;
    await handler.awaiting(1, 1);
    handler.plain(1);
    expect(clock.readings).toBe(4);
    expect(await heldBy(service)).toEqual({});
    configureMetrics({ rules: [] });
    handler.plain(2);
    expect(await heldBy(service)).toEqual({ plain: [2, 2] });
  });
});

test('a label function that calls a measured method does not take time from the call', async () => {
  const inner = instrument((milliseconds: number) => spend(milliseconds), {
    service: 'Labels',
    method: 'inner',
  });
  const outer = instrument((milliseconds: number) => spend(milliseconds), {
    service: 'Labels',
    method: 'outer',
    labels: {
      tag: () => {
        inner(50);
        return 'x';
      },
    },
  });
  outer(10);
  const { outer: own } = await heldBy('Labels');
  expect(own).toEqual([10, 10]);
});

test('methods with a latency metric of any name have both series at 0 from the definition', async () => {
  class TimedHandler {
    @Timed('own_seconds') first(): void {}
    @Timed({ quantiles: [0.5], name: 'own_summary' }) second(): void {}
    @Counted @InFlight third(): void {}
  }
  new TimedHandler().first();
  resetMetrics();
  const samples = (await samplesOf(registry)).filter(({ name }) => [TOTAL, LONGEST].includes(name));
  const own = samples.filter(({ labels }) => labels['thrift_service'] === 'Timed');
  expect(own.map(({ name, labels, value }) => [name, labels['thrift_method'], value])).toEqual(
    [TOTAL, LONGEST].flatMap((name) => [
      [name, 'first', 0],
      // The series of the second method exist from the first construction.
      [name, 'second', 0],
    ]),
  );
});

test('a stack of decorators is one synchronous part', async () => {
  class StackHandler {
    @Counted
    @Timed
    @InFlight
    run(): void {
      spend(9);
    }
  }
  new StackHandler().run();
  expect(await heldBy('Stack')).toEqual({ run: [9, 9] });
});

test('a handler with decorators inside instrumentHandler is recorded once', async () => {
  const handler = instrumentHandler(new LoopHandler(), { service: 'Twice' });
  handler.plain(30);
  expect(await heldBy('Loop')).toEqual({ plain: [30, 30] });
  expect(await heldBy('Twice')).toEqual({});
});

test('while metrics are disabled, no synchronous part is recorded', async () => {
  configureMetrics({ enabled: false });
  new LoopHandler().plain(30);
  expect(await heldBy('Loop')).toEqual({});
});
