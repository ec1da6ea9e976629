import { AsyncLocalStorage } from 'node:async_hooks';
import { channel as channelNamed } from 'node:diagnostics_channel';

import { Registry } from 'prom-client';
import 'reflect-metadata';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import {
  configureMetrics,
  Counted,
  ErrorsCounted,
  instrument,
  Instrumented,
  instrumentHandler,
  Timed,
} from '../../src/index';
import { published } from './published';

beforeAll(() => configureMetrics({ registry: new Registry(), onError: () => {} }));

class Refused extends Error {}

type Answer = (error: unknown, result?: number) => void;

@Instrumented({ exceptions: [Refused] })
class CalculatorHandler {
  add(a: number, b: number): number {
    return a + b;
  }

  fail(error: unknown): void {
    throw error;
  }

  async later(a: number): Promise<number> {
    await Promise.resolve();
    return a;
  }

  async reject(error: unknown): Promise<void> {
    throw error;
  }

  answer(a: number, answer: Answer): void {
    queueMicrotask(() => answer(null, a));
  }

  refuse(answer: Answer): void {
    answer(new Refused('no'));
  }
}

/** A handler that subclasses and facades reach. */
const handler = new CalculatorHandler();

describe('events of a call', () => {
  it('a plain result is in the message at end', () => {
    const calls = published('server');
    expect(handler.add(1, 2)).toBe(3);
    expect(calls.events).toEqual(['start add', 'end add']);
    expect(calls.messages).toEqual([
      expect.objectContaining({
        version: 1,
        kind: 'server',
        service: 'Calculator',
        method: 'add',
        args: [1, 2],
        result: 3,
        error: undefined,
        outcome: 'success',
        errorType: undefined,
        duration: expect.any(Number) as number,
      }),
    ]);
  });

  it('a thrown error is published before end, and thrown on unchanged', () => {
    const calls = published('server');
    const error = new Error('no');
    expect(() => handler.fail(error)).toThrow(error);
    expect(calls.events).toEqual(['start fail', 'error fail', 'end fail']);
    expect(calls.messages[0]).toMatchObject({ outcome: 'undeclared', errorType: 'Error' });
    expect(calls.messages[0]?.error).toBe(error);
  });

  it('a promise settles between asyncStart and asyncEnd', async () => {
    const calls = published('server');
    const promise = handler.later(7);
    expect(calls.events).toEqual(['start later', 'end later']);
    expect(calls.messages[0]?.outcome).toBeUndefined();
    await expect(promise).resolves.toBe(7);
    expect(calls.events.slice(2)).toEqual(['asyncStart later', 'asyncEnd later']);
    expect(calls.messages[0]).toMatchObject({ outcome: 'success', result: 7 });
  });

  it('a rejection with a declared exception is published as such', async () => {
    const calls = published('server');
    const error = new Refused('no');
    await expect(handler.reject(error)).rejects.toBe(error);
    expect(calls.events).toEqual([
      'start reject',
      'end reject',
      'error reject',
      'asyncStart reject',
      'asyncEnd reject',
    ]);
    expect(calls.messages[0]).toMatchObject({ outcome: 'declared', errorType: 'Refused', error });
  });

  it('a callback runs between asyncStart and asyncEnd, and is not among the arguments', async () => {
    const calls = published('server');
    const seen = await new Promise<unknown[]>((resolve) => {
      handler.answer(5, (error, result) => resolve([error, result, ...calls.events]));
    });
    expect(seen).toEqual([null, 5, 'start answer', 'end answer', 'asyncStart answer']);
    expect(calls.events.at(-1)).toBe('asyncEnd answer');
    expect(calls.messages[0]).toMatchObject({ args: [5], result: 5, outcome: 'success' });
  });

  it('a callback that is called before the method returns settles the call at end', () => {
    const calls = published('server');
    handler.refuse(() => {});
    expect(calls.events).toEqual(['start refuse', 'error refuse', 'end refuse']);
    expect(calls.messages[0]?.outcome).toBe('declared');
  });

  it('a result that counts as failed has the outcome and type of the failure', () => {
    const calls = published('server');
    const run = instrument((code: number) => code, {
      service: 'Codes',
      method: 'run',
      failed: ({ result }) => result !== 0 && `CODE_${result}`,
    });
    expect(run(0)).toBe(0);
    expect(run(3)).toBe(3);
    expect(calls.messages.map(({ outcome, errorType }) => [outcome, errorType])).toEqual([
      ['success', undefined],
      ['result', 'CODE_3'],
    ]);
  });

  it('a subscriber to one event alone receives it', async () => {
    const seen: unknown[] = [];
    const asyncEnd = channelNamed('tracing:thrift.server.call:asyncEnd');
    const note = (message: unknown): void =>
      void seen.push((message as { result: unknown }).result);
    asyncEnd.subscribe(note);
    await handler.later(1);
    asyncEnd.unsubscribe(note);
    await handler.later(2);
    expect(seen).toEqual([1]);
  });

  it('nothing is published while metrics are disabled', () => {
    const calls = published('server');
    configureMetrics({ enabled: false });
    onTestFinished(() => configureMetrics({ enabled: true }));
    expect(handler.add(1, 2)).toBe(3);
    expect(calls.events).toEqual([]);
  });
});

describe('one call, one sequence', () => {
  /** A decorator of another library. */
  function passOn<A extends unknown[], R>(method: (...args: A) => R) {
    return function passed(this: unknown, ...args: A): R {
      return Reflect.apply(method, this, args);
    };
  }

  it('decorators around the decorator of another library publish a call once', () => {
    class StackedHandler {
      @Counted
      @passOn
      @Timed
      @ErrorsCounted
      run(a: number): number {
        return a;
      }
    }
    const calls = published('server');
    expect(new StackedHandler().run(1)).toBe(1);
    expect(calls.events).toEqual(['start run', 'end run']);
  });

  it('an override that calls the inherited method publishes a call once', () => {
    @Instrumented
    class ParentHandler {
      run(a: number): number {
        return a;
      }
    }
    @Instrumented
    class ChildHandler extends ParentHandler {
      override run(a: number): number {
        return super.run(a) + 1;
      }
    }
    const calls = published('server');
    expect(new ChildHandler().run(1)).toBe(2);
    expect(calls.messages.map(({ service, result }) => [service, result])).toEqual([['Child', 2]]);
  });

  it('a recursive method publishes each of its calls', () => {
    @Instrumented
    class RecursiveHandler {
      sum(n: number): number {
        return n === 0 ? 0 : n + this.sum(n - 1);
      }
    }
    const calls = published('server');
    expect(new RecursiveHandler().sum(3)).toBe(6);
    expect(calls.messages.map(({ args, result }) => [args[0], result])).toEqual([
      [3, 6],
      [2, 3],
      [1, 1],
      [0, 0],
    ]);
  });

  it('a facade around a decorated handler publishes a call once', () => {
    class PartHandler {
      @Counted run(a: number): number {
        return a;
      }
    }
    const calls = published('server');
    expect(instrumentHandler(new PartHandler(), { service: 'Part' }).run(4)).toBe(4);
    expect(calls.events).toEqual(['start run', 'end run']);
  });

  it('a handler that delegates to another handler publishes both calls', () => {
    const outer = instrumentHandler(
      { add: (a: number, b: number) => handler.add(a, b) },
      { service: 'Outer' },
    );
    const calls = published('server');
    expect(outer.add(1, 2)).toBe(3);
    expect(calls.messages.map(({ service }) => service)).toEqual(['Outer', 'Calculator']);
  });
});

describe('stores and subscribers', () => {
  const storage = new AsyncLocalStorage<string>();
  const start = channelNamed('tracing:thrift.server.call:start');

  function bind(store: AsyncLocalStorage<string>, transform: () => string): void {
    start.bindStore(store, transform);
    onTestFinished(() => void start.unbindStore(store));
  }

  /** What Node.js reports as uncaught while `body` runs, and until its promise has settled. */
  async function uncaughtDuring(body: () => unknown): Promise<unknown[]> {
    const listeners = process.listeners('uncaughtException');
    const errors: unknown[] = [];
    const note = (error: unknown): void => void errors.push(error);
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', note);
    try {
      await body();
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('uncaughtException', note);
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
    return errors;
  }

  it('the handler runs in a store that is bound to start, also after it has waited', async () => {
    const seen: unknown[] = [];
    @Instrumented
    class StoreHandler {
      sync(): void {
        seen.push(storage.getStore());
      }

      async later(): Promise<void> {
        await Promise.resolve();
        seen.push(storage.getStore());
      }

      callback(answer: Answer): void {
        setImmediate(() => {
          seen.push(storage.getStore());
          answer(null);
        });
      }
    }
    bind(storage, () => 'call');
    const stored = new StoreHandler();
    stored.sync();
    await stored.later();
    await new Promise((resolve) => {
      stored.callback(resolve);
    });
    expect(seen).toEqual(['call', 'call', 'call']);
    expect(storage.getStore()).toBeUndefined();
  });

  const stores: readonly [string, (value: string, body: () => unknown) => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('no store');
      },
    ],
    ['never runs anything', () => undefined],
    [
      'runs everything twice',
      (_value, body) => {
        body();
        return body();
      },
    ],
  ];

  it.each(stores)('a store that %s does not change the call', (_, run) => {
    let runs = 0;
    const count = instrument(() => ++runs, { service: 'Stores', method: 'count' });
    bind({ run } as AsyncLocalStorage<string>, () => 'x');
    expect(count()).toBe(1);
    expect(runs).toBe(1);
  });

  it('a subscriber that throws does not change the call, and Node.js reports its error as uncaught', async () => {
    const error = new Error('subscriber');
    const fail = (): void => {
      throw error;
    };
    const events = ['start', 'end', 'asyncStart', 'asyncEnd', 'error'];
    const channels = events.map((event) => channelNamed(`tracing:thrift.server.call:${event}`));
    const uncaught = await uncaughtDuring(async () => {
      for (const channel of channels) channel.subscribe(fail);
      try {
        expect(handler.add(1, 2)).toBe(3);
        await expect(handler.later(3)).resolves.toBe(3);
        await expect(handler.reject('x')).rejects.toBe('x');
      } finally {
        for (const channel of channels) channel.unsubscribe(fail);
      }
    });
    expect(new Set(uncaught)).toEqual(new Set([error]));
  });
});

it('a subscriber that freezes the message of a call does not change what the call does', async () => {
  const freeze = (message: unknown): void => void Object.freeze(message);
  const start = channelNamed('tracing:thrift.server.call:start');
  start.subscribe(freeze);
  onTestFinished(() => {
    start.unsubscribe(freeze);
  });
  const error = new RangeError('too much');
  expect(handler.add(1, 2)).toBe(3);
  expect(() => handler.fail(error)).toThrow(error);
  expect(await handler.later(4)).toBe(4);
  await expect(handler.reject(error)).rejects.toBe(error);
  expect(await new Promise((resolve) => handler.answer(5, (_, result) => resolve(result)))).toBe(5);
  expect(await new Promise((resolve) => handler.refuse(resolve))).toBeInstanceOf(Refused);
});
