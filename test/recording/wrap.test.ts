import { describe, expect, test, vi } from 'vitest';

import type { LabelFunction } from '../../src/recording/call';
import { CallsInProgress } from '../../src/recording/in-flight';
import { wrap, type Method } from '../../src/recording/wrap';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';
import {
  ACTIVE,
  countsOf,
  FAILED,
  labelledBy,
  NONE,
  planOf,
  SUCCEEDED,
  type TestPlan,
} from './plan-of';

/** Methods that return their receiver and arguments, by the number of their parameters. */
const BY_LENGTH: readonly Method[] = [
  function none(this: unknown, ...args: unknown[]) {
    return [this, ...args];
  },
  function one(this: unknown, a: unknown, ...args: unknown[]) {
    return [this, a, ...args];
  },
  function two(this: unknown, a: unknown, b: unknown, ...args: unknown[]) {
    return [this, a, b, ...args];
  },
  function three(this: unknown, a: unknown, b: unknown, c: unknown, ...args: unknown[]) {
    return [this, a, b, c, ...args];
  },
  function four(this: unknown, a: unknown, b: unknown, c: unknown, d: unknown, ...args: unknown[]) {
    return [this, a, b, c, d, ...args];
  },
  function five(
    this: unknown,
    a: unknown,
    b: unknown,
    c: unknown,
    d: unknown,
    e: unknown,
    ...args: unknown[]
  ) {
    return [this, a, b, c, d, e, ...args];
  },
];

/** Throws what a call throws for which there is no room on the stack. */
function overflow(): never {
  throw new RangeError('Maximum call stack size exceeded');
}

/** A list of calls in progress that none can enter. */
function overflowingList(before: () => void = () => {}): CallsInProgress {
  const list = new CallsInProgress();
  list.enter = () => {
    before();
    return overflow();
  };
  return list;
}

/** Resets the gauge as `resetMetrics` does. */
function reset({ inFlight }: TestPlan): void {
  inFlight.value = 0;
  inFlight.generation++;
}

describe.each([
  ['the variant for constant labels', false],
  ['the variant for labels of the call', true],
])('%s', (_variant, forCall) => {
  function wrapped<F extends Method>(method: F, recorded: TestPlan = planOf()) {
    return { recorded, method: wrap(method, recorded.plan, forCall) as F };
  }

  describe.each(BY_LENGTH.map((method) => [method.length, method] as const))(
    'a method with %i parameters',
    (length, original) => {
      test.each([0, 1, 2, 3, 4, 5, 6])('%i arguments and the receiver pass through', (count) => {
        const { method, recorded } = wrapped(original);
        const receiver = {};
        const args = Array.from({ length: count }, (_, index) => ({ index }));
        const returned: unknown[] = method.apply(receiver, args);
        const expected: unknown[] = original.apply(receiver, args);
        expect(returned).toHaveLength(expected.length);
        for (const [index, value] of expected.entries()) expect(returned[index]).toBe(value);
        expect(countsOf(recorded)).toEqual(SUCCEEDED);
      });

      test('the number of arguments that the method sees is the number that was passed', () => {
        const counting = Object.defineProperty(
          function (this: unknown) {
            return arguments.length;
          },
          'length',
          { value: length, configurable: true },
        );
        const { method } = wrapped(counting as Method);
        expect([0, 1, 2, 3, 4, 5].map((count) => method(...Array<unknown>(count)))).toEqual([
          0, 1, 2, 3, 4, 5,
        ]);
      });

      test('a callback in the last place settles the call, wherever that place is', () => {
        for (const count of [0, 1, 2, 3, 4, 5]) {
          const recorded = planOf();
          const handler = Object.defineProperty(
            (...args: Method[]) => void args.at(-1)?.(null, 'sum'),
            'length',
            { value: length, configurable: true },
          );
          const { method } = wrapped(handler as Method, recorded);
          const callback = vi.fn();
          method(...Array<unknown>(count), callback);
          expect(callback.mock.calls).toEqual([[null, 'sum']]);
          expect(countsOf(recorded)).toEqual(SUCCEEDED);
        }
      });

      test('a throw passes through', () => {
        const error = new Error('x');
        const throwing = Object.defineProperty(
          () => {
            throw error;
          },
          'length',
          { value: length, configurable: true },
        );
        const { method, recorded } = wrapped(throwing as Method);
        for (const count of [0, 1, 2, 3, 4, 5]) {
          expect(() => method(...Array<unknown>(count))).toThrow(error);
        }
        expect(countsOf(recorded)).toEqual({ ...NONE, requests: 6, failed: 6, errors: 6 });
      });
    },
  );

  describe('the function', () => {
    test('length, name and own properties are those of the method', () => {
      const key = Symbol('own');
      const original = Object.assign(function add(_a: number, _b: number) {}, { own: 1, [key]: 2 });
      Object.defineProperty(original, 'hidden', { value: 3, enumerable: false });
      const { method } = wrapped(original);
      for (const name of Reflect.ownKeys(original)) {
        const property = Reflect.getOwnPropertyDescriptor(original, name);
        expect(Reflect.getOwnPropertyDescriptor(method, name)).toEqual(property);
      }
      expect(Reflect.ownKeys(method).toSorted((a, b) => (String(a) < String(b) ? -1 : 1))).toEqual(
        Reflect.ownKeys(original).toSorted((a, b) => (String(a) < String(b) ? -1 : 1)),
      );
    });

    test('the prototype of the function is that of the method', () => {
      const parent = function (): void {};
      const original = Object.setPrototypeOf(() => {}, parent) as Method;
      expect(Object.getPrototypeOf(wrapped(original).method)).toBe(parent);
    });

    test('a method of a class cannot be called with new, and a function can', () => {
      class Handler {
        add(): void {}
      }
      // oxlint-disable-next-line typescript/unbound-method -- only wrapped
      const { add } = Handler.prototype;
      const method = wrapped(add).method as unknown as new () => unknown;
      expect(() => new method()).toThrow(TypeError);
      const arrow = wrapped(() => {}).method as unknown as new () => unknown;
      expect(() => new arrow()).toThrow(TypeError);
    });

    test.each([
      ['an arrow function', () => {}],
      ['an async function', async () => {}],
      ['a method', { add() {} }.add],
    ])('%s gets no property that it does not have', (_kind, original) => {
      expect(new Set(Reflect.ownKeys(wrapped(original).method))).toEqual(
        new Set(Reflect.ownKeys(original)),
      );
    });

    test('new creates what the method creates, and records nothing', () => {
      const original = function (this: { a: unknown; target: unknown }, a: unknown) {
        this.a = a;
        this.target = new.target;
      };
      original.prototype.kind = 'point';
      const { method, recorded } = wrapped(original as Method);
      const Point = method as unknown as new (a: number) => Record<string, unknown>;
      const created = new Point(1);
      expect(created).toMatchObject({ a: 1, kind: 'point' });
      expect(created['target']).toBe(original);
      expect(created).toBeInstanceOf(original);
      class Derived extends Point {}
      expect(new Derived(2)).toBeInstanceOf(Derived);
      expect(countsOf(recorded)).toEqual(NONE);
    });
  });

  describe('a call that settles at once', () => {
    test.each([
      ['undefined', undefined],
      ['null', null],
      ['a function', () => {}],
      ['an object', {}],
    ])('%s is returned as it is', (_title, value) => {
      const { method, recorded } = wrapped(() => value);
      expect(method()).toBe(value);
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
    });

    test.each([
      ['an error', new Error('x')],
      ['undefined', undefined],
      ['a promise', Promise.resolve()],
      ['a frozen object', Object.freeze({})],
    ])('%s that is thrown reaches the caller as it is', (_title, error) => {
      const { method, recorded } = wrapped(() => {
        throw error;
      });
      let caught: unknown = 'nothing';
      try {
        method();
      } catch (thrown) {
        caught = thrown;
      }
      expect(caught).toBe(error);
      expect(countsOf(recorded)).toEqual(FAILED);
      expect(recorded.errors[0]).toBe(error);
    });

    test('a call is in progress while the method runs', () => {
      const recorded = planOf();
      const seen: unknown[] = [];
      const { method } = wrapped(() => void seen.push(countsOf(recorded)), recorded);
      method();
      expect(seen).toEqual([ACTIVE]);
    });

    test('a method that calls itself records every call', () => {
      const recorded = planOf();
      const { method } = wrapped(
        (n: number): number => (n === 0 ? 0 : n + method(n - 1)),
        recorded,
      );
      expect(method(3)).toBe(6);
      expect(countsOf(recorded)).toEqual({ ...NONE, requests: 4, succeeded: 4 });
    });

    test('a generator is timed until it has returned its iterator', () => {
      const { method, recorded } = wrapped(function* () {
        yield 1;
        yield 2;
      });
      const iterator = method();
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
      expect([...iterator]).toEqual([1, 2]);
    });

    test('an async generator is timed until it has returned its iterator', async () => {
      const { method, recorded } = wrapped(async function* () {
        yield 1;
      });
      const iterator = method();
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
      expect(await iterator.next()).toEqual({ done: false, value: 1 });
    });

    test('the duration is that of the call', () => {
      const recorded = planOf();
      const { method } = wrapped(() => {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
      }, recorded);
      method();
      expect(recorded.succeeded.seconds[0]).toBeGreaterThan(0.015);
      expect(recorded.succeeded.seconds[0]).toBeLessThan(10);
    });
  });

  test.each([
    ['a plain result', () => {}],
    [
      'an error that is thrown',
      () => {
        throw new Error('thrown');
      },
    ],
  ])('a call from before a reset does not subtract itself after it: %s', (_outcome, end) => {
    const { method, recorded } = wrapped(() => {
      recorded.inFlight.value = 0;
      recorded.inFlight.generation++;
      end();
    });
    try {
      method();
    } catch {
      // Only the gauge matters here.
    }
    expect(recorded.inFlight.value).toBe(0);
  });

  describe.each([
    ['an async method', (promise: Promise<unknown>) => async () => await promise],
    ['a method that returns a promise', (promise: Promise<unknown>) => () => promise],
  ])('%s', (_kind, methodFor) => {
    test('the call is in progress until the promise is fulfilled', async () => {
      let resolve = (_value: string): void => {};
      const promise = new Promise<string>((settle) => void (resolve = settle));
      const { method, recorded } = wrapped(methodFor(promise));
      const call = method();
      expect(countsOf(recorded)).toEqual(ACTIVE);
      expect(recorded.active.oldestSeconds()).toBeGreaterThan(0);
      resolve('sum');
      expect(await call).toBe('sum');
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
      expect(recorded.active.oldestSeconds()).toBe(0);
    });

    test('a rejection reaches the caller with the same reason', async () => {
      const error = Object.freeze({ odd: true });
      // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- anything can be a reason
      const { method, recorded } = wrapped(methodFor(Promise.reject(error)));
      await expect(method()).rejects.toBe(error);
      expect(countsOf(recorded)).toEqual(FAILED);
      expect(recorded.errors[0]).toBe(error);
      expect(recorded.active.oldestSeconds()).toBe(0);
    });

    test('a rejection that the caller ignores is unhandled exactly once', async () => {
      const error = new Error('x');
      const unhandled = await unhandledRejectionsOf(() => {
        void wrapped(methodFor(Promise.reject(error))).method();
      });
      expect(unhandled).toEqual([error]);
    });

    test('a call from before a reset does not subtract itself after it', async () => {
      const { method, recorded } = wrapped(methodFor(Promise.resolve()));
      const call = method();
      recorded.inFlight.value = 0;
      recorded.inFlight.generation++;
      await call;
      expect(recorded.inFlight.value).toBe(0);
    });

    test('calls of a plan that is switched off run the method and record nothing', async () => {
      const { method, recorded } = wrapped(methodFor(Promise.resolve('sum')));
      recorded.gate.enabled = false;
      expect(await method()).toBe('sum');
      expect(countsOf(recorded)).toEqual(NONE);
    });

    test('a plan that is not timed records no durations', async () => {
      const error = new Error('x');
      const recorded = planOf({ timed: false });
      await wrapped(methodFor(Promise.resolve()), recorded).method();
      await expect(wrapped(methodFor(Promise.reject(error)), recorded).method()).rejects.toBe(
        error,
      );
      expect(countsOf(recorded)).toEqual({ ...NONE, requests: 2, errors: 1 });
    });

    test('without a metric of ages, the call is recorded and listed nowhere', async () => {
      const error = new Error('x');
      const recorded = planOf({ active: null });
      expect(await wrapped(methodFor(Promise.resolve('sum')), recorded).method()).toBe('sum');
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
      await expect(wrapped(methodFor(Promise.reject(error)), recorded).method()).rejects.toBe(
        error,
      );
      expect(countsOf(recorded)).toEqual({ ...FAILED, requests: 2, succeeded: 1 });
    });

    test('a call that cannot be listed is returned as it is, and leaves the gauge once', async () => {
      const { method, recorded } = wrapped(methodFor(Promise.resolve('sum')));
      recorded.plan.active = overflowingList();
      const call = method();
      expect(recorded.inFlight.value).toBe(0);
      expect(await call).toBe('sum');
      expect(recorded.inFlight.value).toBe(0);
    });

    test('a call that cannot be listed does not leave a gauge that was reset', async () => {
      const { method, recorded } = wrapped(methodFor(Promise.resolve('sum')));
      recorded.plan.active = overflowingList(() => reset(recorded));
      expect(await method()).toBe('sum');
      expect(recorded.inFlight.value).toBe(0);
    });

    test('a call whose end cannot be awaited is not in progress', () => {
      for (const active of [undefined, null]) {
        const recorded = planOf(active === null ? { active } : {});
        const { method } = wrapped(methodFor(Promise.resolve('sum')), recorded);
        const then = vi.spyOn(Promise.prototype, 'then').mockImplementation(overflow);
        try {
          expect(method()).toBeInstanceOf(Promise);
        } finally {
          then.mockRestore();
        }
        expect(recorded.inFlight.value).toBe(0);
        expect(recorded.active.oldestSeconds()).toBe(0);
      }
    });

    test('an error before the method runs is the error of the call, which leaves the gauge once', async () => {
      const { method, recorded } = wrapped(methodFor(Promise.resolve('sum')));
      Object.defineProperty(recorded.plan, 'timed', { get: overflow });
      expect(() => method()).toThrow(RangeError);
      expect(countsOf(recorded)).toEqual({ ...NONE, requests: 1, errors: 1 });
    });
  });

  describe('a stack that overflows after the method has returned', () => {
    test('a result is returned as it is, and the call leaves the gauge once', () => {
      const { method, recorded } = wrapped(() => 'sum');
      recorded.succeeded.observe = overflow;
      expect(method()).toBe('sum');
      expect(countsOf(recorded)).toEqual({ ...NONE, requests: 1 });
    });

    test('a promise that cannot be watched is returned as it is, and the call leaves the gauge once', () => {
      const promise = Promise.resolve('sum');
      const { method, recorded } = wrapped(() => promise);
      recorded.plan.settlements.find = overflow;
      expect(method()).toBe(promise);
      expect(countsOf(recorded)).toEqual({ ...NONE, requests: 1 });
    });

    test('a call that has settled before does not leave the gauge again', async () => {
      const promise = Promise.resolve('memoized');
      const { method, recorded } = wrapped(() => promise);
      await method();
      recorded.succeeded.observe = overflow;
      expect(await method()).toBe('memoized');
      expect(countsOf(recorded)).toEqual({ ...NONE, requests: 2, succeeded: 1 });
    });

    test('an error of the method stays its error if it cannot be recorded', () => {
      const error = new Error('x');
      const { method, recorded } = wrapped(() => {
        throw error;
      });
      recorded.failed.observe = overflow;
      expect(() => method()).toThrow(error);
      expect(recorded.inFlight.value).toBe(0);
    });

    test('a callback that comes later is passed on, and the call leaves the gauge once', () => {
      const answers: Method[] = [];
      const promise = Promise.resolve();
      const { method, recorded } = wrapped((answer: Method) => {
        answers.push(answer);
        return promise;
      });
      recorded.plan.settlements.find = overflow;
      const callback = vi.fn();
      expect(method(callback)).toBe(promise);
      expect(countsOf(recorded)).toEqual({ ...NONE, requests: 1 });
      answers[0]?.(null, 'sum');
      expect(callback.mock.calls).toEqual([[null, 'sum']]);
      expect(countsOf(recorded)).toEqual({ ...NONE, requests: 1 });
    });

    test('a call with a callback does not leave a gauge that was reset', () => {
      const { method, recorded } = wrapped((_answer: Method) => Promise.resolve());
      recorded.plan.settlements.find = () => {
        reset(recorded);
        return overflow();
      };
      void method(() => {});
      expect(recorded.inFlight.value).toBe(0);
    });

    test('an error of a method with a callback stays its error if it cannot be recorded', () => {
      const error = new Error('x');
      const { method, recorded } = wrapped((_answer: Method) => {
        throw error;
      });
      recorded.failed.observe = overflow;
      expect(() => method(() => {})).toThrow(error);
      expect(recorded.inFlight.value).toBe(0);
    });
  });

  test('a call in progress is listed until it settles, whichever call arrived first', async () => {
    const ends: (() => void)[] = [];
    const { method, recorded } = wrapped(
      async () => await new Promise<void>((resolve) => void ends.push(resolve)),
    );
    const calls = [method(), method(), method()];
    for (const index of [1, 0, 2]) {
      expect(recorded.active.oldestSeconds()).toBeGreaterThan(0);
      ends[index]?.();
      await calls[index];
    }
    expect(recorded.active.oldestSeconds()).toBe(0);
  });

  test('methods that return one promise give their callers one promise', async () => {
    const promise = Promise.resolve('memoized');
    const { method, recorded } = wrapped(() => promise);
    const first = method();
    expect(method()).toBe(first);
    await first;
    expect(countsOf(recorded)).toEqual({ ...NONE, requests: 2, succeeded: 2 });
  });

  test('a thenable that is not a promise is returned as it is, and settles the call when it is used', async () => {
    let starts = 0;
    const query = {
      then(onFulfilled: (value: number) => unknown): unknown {
        starts++;
        return onFulfilled(1);
      },
    };
    const { method, recorded } = wrapped(() => query);
    const returned = method();
    expect(returned).toBe(query);
    expect(starts).toBe(0);
    expect(countsOf(recorded)).toEqual(ACTIVE);
    expect(await returned).toBe(1);
    expect(countsOf(recorded)).toEqual(SUCCEEDED);
  });

  describe('a callback', () => {
    type Callback = (error: unknown, result?: unknown) => unknown;

    test('a method that has called it may return a promise, which is passed on untouched', () => {
      const promise = Promise.resolve('late');
      const { method, recorded } = wrapped((answer: Callback) => {
        answer(null);
        return promise;
      });
      expect(method(() => {})).toBe(promise);
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
    });

    test('the call is in progress until the callback is called', () => {
      const answers: Callback[] = [];
      const { method, recorded } = wrapped((answer: Callback) => void answers.push(answer));
      const callback = vi.fn<Callback>(() => 'returned');
      method(callback);
      expect(countsOf(recorded)).toEqual(ACTIVE);
      expect(recorded.active.oldestSeconds()).toBeGreaterThan(0);
      expect(answers[0]?.(null, 'sum')).toBe('returned');
      expect(callback.mock.calls).toEqual([[null, 'sum']]);
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
      expect(recorded.active.oldestSeconds()).toBe(0);
    });

    test('an error in the first argument fails the call', () => {
      const error = new Error('x');
      const { method, recorded } = wrapped((answer: Callback) => void answer(error));
      method(() => {});
      expect(countsOf(recorded)).toEqual(FAILED);
      expect(recorded.errors).toEqual([error]);
    });

    test('a callback that is called twice is passed on twice and recorded once', () => {
      const { method, recorded } = wrapped((answer: Callback) => {
        answer(null, 1);
        answer(new Error('x'));
      });
      const callback = vi.fn();
      method(callback);
      expect(callback).toHaveBeenCalledTimes(2);
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
    });

    test('a throw after the callback is passed on and not recorded again', () => {
      const error = new Error('x');
      const { method, recorded } = wrapped((answer: Callback) => {
        answer(null, 1);
        throw error;
      });
      expect(() => method(() => {})).toThrow(error);
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
    });

    test('a promise beside the callback does not settle the call when it is fulfilled', async () => {
      const answers: Callback[] = [];
      const { method, recorded } = wrapped(async (answer: Callback) => void answers.push(answer));
      await method(() => {});
      expect(countsOf(recorded)).toEqual(ACTIVE);
      answers[0]?.(null, 1);
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
    });

    test('a promise beside the callback fails the call when it rejects', async () => {
      const error = new Error('x');
      const { method, recorded } = wrapped(async (_answer: Callback) => {
        throw error;
      });
      await expect(method(() => {})).rejects.toBe(error);
      expect(countsOf(recorded)).toEqual(FAILED);
    });

    test('a function that is not the last argument is not a callback', () => {
      const first = (): void => {};
      const { method, recorded } = wrapped((a: unknown, _b: number) => a);
      expect(method(first, 1)).toBe(first);
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
    });
  });

  describe('a plan that is switched off', () => {
    test('calls run the method and record nothing', async () => {
      const { method, recorded } = wrapped(BY_LENGTH[2] as Method);
      recorded.gate.enabled = false;
      const receiver = {};
      const callback = (): void => {};
      expect(method.call(receiver, 1, callback)).toEqual([receiver, 1, callback]);
      expect(method.call(receiver, 1, 2, 3)[2]).toBe(2);
      expect(countsOf(recorded)).toEqual(NONE);
      recorded.gate.enabled = true;
      method(1, 2);
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
    });

    test('a call that is in progress when the plan is switched off is recorded to its end', async () => {
      let end = (): void => {};
      const { method, recorded } = wrapped(
        async () => await new Promise<void>((resolve) => void (end = resolve)),
      );
      const call = method();
      recorded.gate.enabled = false;
      end();
      await call;
      expect(countsOf(recorded)).toEqual(SUCCEEDED);
    });
  });

  describe('a plan that is not ready', () => {
    test('the first call prepares the plan for its receiver and is recorded', () => {
      const recorded = planOf({ ready: false, isPlain: false });
      const prepare = vi.fn(() => {
        Object.assign(recorded.plan, { ready: true, isPlain: true });
        return true;
      });
      recorded.plan.prepare = prepare;
      const { method } = wrapped(() => 'sum', recorded);
      const receiver = {};
      expect(method.call(receiver)).toBe('sum');
      expect(method.call(receiver)).toBe('sum');
      expect(prepare.mock.calls).toEqual([[receiver]]);
      expect(countsOf(recorded)).toEqual({ ...NONE, requests: 2, succeeded: 2 });
    });

    test('a call that cannot be prepared runs the method and records nothing', () => {
      const recorded = planOf({ ready: false, isPlain: false, prepare: () => false });
      const { method } = wrapped((a: number, b: number) => a + b, recorded);
      expect(method(1, 2)).toBe(3);
      expect(countsOf(recorded)).toEqual(NONE);
    });
  });

  test('a plan that is not timed records no durations', async () => {
    const recorded = planOf({ timed: false });
    const { method } = wrapped((value: unknown) => value, recorded);
    method(1);
    await method(Promise.resolve());
    expect(countsOf(recorded)).toEqual({ ...NONE, requests: 2 });
  });

  describe('labels that depend on the call', () => {
    const labelled = (label: LabelFunction) => {
      const labels = labelledBy(label);
      return { ...labels, recorded: planOf(labels.changes) };
    };

    test('label functions see arguments, method and service, and the result or error once the call has settled', async () => {
      const { recorded, requests, succeeded, failed } = labelled(
        ({ args, method, service, result, error }) =>
          [service, method, ...args, result, error].map(String).join(' '),
      );
      const { method } = wrapped((value: unknown) => {
        if (value === 'bad') throw 'lost';
        return value === 'later' ? Promise.resolve('late') : 'sum';
      }, recorded);
      void method('good');
      expect(() => method('bad')).toThrow();
      await method('later');
      const arrived = (value: string) => `Calculator add ${value} undefined undefined`;
      expect([...requests.byValues.keys()]).toEqual(['good', 'bad', 'later'].map(arrived));
      expect([...succeeded.byValues.keys()]).toEqual([
        'Calculator add good sum undefined',
        'Calculator add later late undefined',
      ]);
      expect([...failed.byValues.keys()]).toEqual(['Calculator add bad undefined lost']);
    });

    test('what a label function does to the arguments does not reach the method', () => {
      const { recorded } = labelled(({ args }) => {
        (args as unknown[]).length = 0;
        return 'x';
      });
      const { method } = wrapped((...args: unknown[]) => args, recorded);
      expect(method(1, 2)).toEqual([1, 2]);
      expect(method(1, 2, undefined)).toEqual([1, 2, undefined]);
      const callback = (): void => {};
      const passed = method(1, callback);
      expect(passed).toHaveLength(2);
    });

    test('a call in callback style has the labels of its arguments and of its result', () => {
      const { recorded, requests, succeeded, inFlight } = labelled(({ args, result }) =>
        String(result ?? args[0]),
      );
      const { method } = wrapped(
        (_a: string, answer: (error: null, sum: string) => void) => answer(null, 'sum'),
        recorded,
      );
      method('a', () => {});
      expect(Object.fromEntries(requests.byValues)).toEqual({ a: { value: 1 } });
      expect([...succeeded.byValues.keys()]).toEqual(['sum']);
      expect([...inFlight.byValues.values()].map(({ value }) => value)).toEqual([0]);
    });

    test('a label that several calls share leads to one series', () => {
      const { recorded, requests } = labelled(({ args }) => String(args[0]));
      const { method } = wrapped((value: string) => value, recorded);
      for (const value of ['a', 'b', 'a', 'a']) method(value);
      expect(Object.fromEntries(requests.byValues)).toEqual({ a: { value: 3 }, b: { value: 1 } });
    });
  });
});

test('a wrapper of a method has the properties of an earlier wrapper', () => {
  const { plan } = planOf();
  const original: Method = () => 'sum';
  const earlier = Object.assign(wrap(original, plan, false), { tag: 'by another decorator' });
  const later = wrap(original, plan, true, earlier);
  expect(later()).toBe('sum');
  expect(later).toHaveProperty('tag', 'by another decorator');
  expect(later.name).toBe(earlier.name);
});
