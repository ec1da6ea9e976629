import { runInNewContext } from 'node:vm';

import q from 'q';
import { describe, expect, test, vi } from 'vitest';

import { isPromise, isThenable, Settlements, watch } from '../../src/recording/promise';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';

type Thenable = PromiseLike<unknown> & object;

function outcome() {
  return { succeed: vi.fn<(result: unknown) => void>(), fail: vi.fn<(error: unknown) => void>() };
}

/** Watches a thenable as the wrapper of a method does. */
function watched(thenable: Thenable, settlements = new Settlements()) {
  const seen = outcome();
  return { ...seen, returned: watch(thenable, seen, settlements) as Promise<unknown> };
}

/** A query that starts when `then` is called for the first time. */
class Query {
  starts = 0;

  constructor(private readonly answer: { readonly value: unknown } | { readonly error: unknown }) {}

  then(
    onFulfilled: (value: unknown) => unknown,
    onRejected?: (error: unknown) => unknown,
  ): unknown {
    this.starts++;
    const { answer } = this;
    return 'value' in answer ? onFulfilled(answer.value) : onRejected?.(answer.error);
  }
}

const thenableOf = (query: object): Thenable => query as Thenable;

describe('a promise', () => {
  test('the caller gets a promise with the same value', async () => {
    const value = {};
    const { returned, succeed, fail } = watched(Promise.resolve(value));
    expect(await returned).toBe(value);
    expect(succeed.mock.calls).toEqual([[value]]);
    expect(fail).not.toHaveBeenCalled();
  });

  test.each([
    ['an error', new Error('x')],
    ['undefined', undefined],
    ['a frozen object', Object.freeze({})],
  ])('the caller gets a promise that rejects with the same reason: %s', async (_title, reason) => {
    // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- anything can be a reason
    const { returned, succeed, fail } = watched(Promise.reject(reason));
    const caught = await returned.catch((error: unknown) => ({ error }));
    expect((caught as { error: unknown }).error).toBe(reason);
    expect(fail.mock.calls).toEqual([[reason]]);
    expect(succeed).not.toHaveBeenCalled();
  });

  test('a rejection that the caller does not handle is unhandled exactly once', async () => {
    const error = new Error('x');
    const unhandled = await unhandledRejectionsOf(() => watched(Promise.reject(error)));
    expect(unhandled).toEqual([error]);
  });

  test('a rejection that the caller handles is not unhandled', async () => {
    const unhandled = await unhandledRejectionsOf(() =>
      watched(Promise.reject(new Error('x'))).returned.catch(() => {}),
    );
    expect(unhandled).toEqual([]);
  });

  test('callers that are given the same promise share the derived promise, and each outcome is reported', async () => {
    const promise = Promise.resolve('memoized');
    const settlements = new Settlements();
    const first = watched(promise, settlements);
    const second = watched(promise, settlements);
    expect(second.returned).toBe(first.returned);
    await first.returned;
    const third = watched(promise, settlements);
    expect(third.returned).toBe(first.returned);
    for (const { succeed } of [first, second, third]) {
      expect(succeed.mock.calls).toEqual([['memoized']]);
    }
  });

  test('the outcome of a shared promise that was rejected is reported to later calls', async () => {
    const error = new Error('x');
    const promise = Promise.reject(error);
    const settlements = new Settlements();
    const first = watched(promise, settlements);
    await first.returned.catch(() => {});
    const later = watched(promise, settlements);
    await later.returned.catch(() => {});
    expect(later.fail.mock.calls).toEqual([[error]]);
  });

  test('a frozen promise is also watched only once', async () => {
    const promise = Object.freeze(Promise.resolve(1));
    const settlements = new Settlements();
    const first = watched(promise, settlements);
    expect(watched(promise, settlements).returned).toBe(first.returned);
    expect(await first.returned).toBe(1);
  });

  test('properties of the promise are also on the derived one', () => {
    const cancel = (): void => {};
    const { returned } = watched(Object.assign(Promise.resolve(1), { cancel }));
    expect(returned).toHaveProperty('cancel', cancel);
  });

  test('a promise does not show that it is watched', () => {
    const promise = Promise.resolve(1);
    watched(promise);
    expect(Reflect.ownKeys(promise)).toEqual([]);
  });

  test('a proxy of a promise gives the caller the error of the proxy', async () => {
    const proxy = new Proxy(Promise.resolve(1), {});
    const { returned, fail } = watched(proxy);
    expect(returned).toBe(proxy);
    // oxlint-disable-next-line typescript/await-thenable -- its `then` throws
    await expect((async () => await proxy)()).rejects.toThrow(TypeError);
    expect(fail).toHaveBeenCalledTimes(1);
  });
});

describe('a promise of a library', () => {
  test('a promise of Q is derived like a native one', async () => {
    const promise = q(1);
    const { returned, succeed } = watched(thenableOf(promise));
    expect(returned).not.toBe(promise);
    expect(await returned).toBe(1);
    expect(succeed.mock.calls).toEqual([[1]]);
  });

  test('a promise of another realm is derived like a native one', async () => {
    const promise = runInNewContext('Promise.resolve(1)') as Promise<number>;
    const { returned, succeed } = watched(promise);
    expect(returned).not.toBe(promise);
    expect(await returned).toBe(1);
    expect(succeed.mock.calls).toEqual([[1]]);
  });
});

describe('a thenable that is not a promise', () => {
  test('the caller gets the same object, which is not started', () => {
    const query = new Query({ value: 1 });
    const { returned, succeed } = watched(thenableOf(query));
    expect(returned).toBe(query);
    expect(query.starts).toBe(0);
    expect(succeed).not.toHaveBeenCalled();
  });

  test('the call settles when the caller uses the thenable', async () => {
    const query = new Query({ value: 1 });
    const { returned, succeed } = watched(thenableOf(query));
    expect(await returned).toBe(1);
    expect(query.starts).toBe(1);
    expect(succeed.mock.calls).toEqual([[1]]);
  });

  test('the outcome is reported once even if the caller uses the thenable twice', async () => {
    const { returned, succeed } = watched(thenableOf(new Query({ value: 1 })));
    await returned;
    await returned;
    expect(succeed).toHaveBeenCalledTimes(1);
  });

  test('an error reaches the caller and is reported', async () => {
    const error = new Error('x');
    const { returned, fail } = watched(thenableOf(new Query({ error })));
    await expect((async () => await returned)()).rejects.toBe(error);
    expect(fail.mock.calls).toEqual([[error]]);
  });

  test('a caller may leave out either reaction', async () => {
    const error = new Error('x');
    const succeeding = watched(thenableOf(new Query({ value: 1 })));
    expect(succeeding.returned.then(undefined)).toBe(1);
    expect(succeeding.returned.then(undefined, () => 'not used')).toBe(1);
    const failing = watched(thenableOf(new Query({ error })));
    expect(() => failing.returned.then(() => 'not used')).toThrow(error);
    expect(failing.returned.then(undefined, () => 'handled')).toBe('handled');
    expect(failing.fail.mock.calls).toEqual([[error]]);
  });

  test('only the first outcome of a thenable that reports two is recorded', () => {
    const query = {
      then(onFulfilled: (value: number) => void, onRejected: (error: unknown) => void): void {
        onFulfilled(1);
        onRejected(new Error('x'));
      },
    };
    const { returned, succeed, fail } = watched(thenableOf(query));
    void returned.then(
      () => undefined,
      () => undefined,
    );
    expect(succeed.mock.calls).toEqual([[1]]);
    expect(fail).not.toHaveBeenCalled();
  });

  test.each([
    ['a class', new Query({ value: 1 }), false],
    ['an object', { then: () => {} }, true],
  ])(
    'the then of %s is listed as before, and can be replaced and deleted',
    (_kind, query, listed) => {
      watched(thenableOf(query));
      expect(Object.keys(query).includes('then')).toBe(listed);
      const replacement = (): void => {};
      (query as { then: unknown }).then = replacement;
      expect(query.then).toBe(replacement);
      expect(Reflect.deleteProperty(query, 'then')).toBe(true);
    },
  );

  test('a thenable that several calls return is watched once', async () => {
    const query = new Query({ value: 1 });
    const settlements = new Settlements();
    const first = watched(thenableOf(query), settlements);
    const then = query.then.bind(query);
    const second = watched(thenableOf(query), settlements);
    expect(second.returned).toBe(query);
    void then(() => {});
    expect(first.succeed).toHaveBeenCalledTimes(1);
    expect(second.succeed).toHaveBeenCalledTimes(1);
    expect(query.starts).toBe(1);
  });

  test('the then of a frozen thenable is called, because it cannot be replaced', () => {
    let starts = 0;
    const query = Object.freeze({
      then(onFulfilled: (value: number) => void): void {
        starts++;
        onFulfilled(1);
      },
    });
    const { returned, succeed } = watched(thenableOf(query));
    expect(returned).toBe(query);
    expect(starts).toBe(1);
    expect(succeed.mock.calls).toEqual([[1]]);
  });

  test('an error of a frozen thenable is reported', () => {
    const error = new Error('x');
    const query = Object.freeze({
      then(_onFulfilled: unknown, onRejected: (error: unknown) => void): void {
        onRejected(error);
      },
    });
    const { succeed, fail } = watched(thenableOf(query));
    expect(fail.mock.calls).toEqual([[error]]);
    expect(succeed).not.toHaveBeenCalled();
  });

  test('a frozen thenable whose then throws fails the call and stays the same', () => {
    const error = new Error('x');
    const query = Object.freeze({
      then(): void {
        throw error;
      },
    });
    const { returned, fail } = watched(thenableOf(query));
    expect(returned).toBe(query);
    expect(fail.mock.calls).toEqual([[error]]);
  });
});

test.each([
  ['a promise', Promise.resolve(), true, true],
  ['a promise of Q', q(1), true, true],
  ['a query', new Query({ value: 1 }), true, false],
  ['a function with a then', Object.assign(() => {}, { then() {} }), true, false],
])('%s is a thenable', (_title, value, _isThenable, isAPromise) => {
  expect(isThenable(value)).toBe(true);
  expect(isPromise(value as Thenable)).toBe(isAPromise);
});

test.each([
  ['null', null],
  ['a string', 'then'],
  ['an object', {}],
  ['an object whose then is not a function', { then: 1 }],
  [
    'an object whose then cannot be read',
    {
      get then(): unknown {
        throw new Error('x');
      },
    },
  ],
])('%s is not a thenable', (_title, value) => {
  expect(isThenable(value)).toBe(false);
});

test('a number is not a thenable, even if all numbers have a then', () => {
  // oxlint-disable-next-line no-extend-native -- a polyfill may do so
  Object.defineProperty(Number.prototype, 'then', { value: () => {}, configurable: true });
  try {
    expect(isThenable(5)).toBe(false);
  } finally {
    Reflect.deleteProperty(Number.prototype, 'then');
  }
});

test('a thenable whose properties cannot be read is not a promise', () => {
  const hostile = {
    then(): void {},
    get isPending(): unknown {
      throw new Error('x');
    },
  };
  expect(isPromise(hostile as unknown as Thenable)).toBe(false);
});
