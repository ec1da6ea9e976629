import { Registry } from 'prom-client';
import 'reflect-metadata';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import {
  configureMetrics,
  Counted,
  InFlight,
  Instrumented,
  instrumentHandler,
  resetMetrics,
  ThriftMetricsError,
  Timed,
} from '../../src/index';
import { samplesOf, valueOf } from '../support/value-of';
import { unhandledRejectionsOf } from '../support/unhandled-rejections';

const registry = new Registry();
const onError = vi.fn<(error: unknown, site: string) => void>();
beforeAll(() => configureMetrics({ registry, onError }));
afterEach(() => {
  configureMetrics({ maxSeriesPerMetric: 2000 });
  onError.mockClear();
  resetMetrics();
});

/** Settled calls by outcome, and calls in flight. */
async function countsOf(service: string): Promise<{ ok: number; failed: number; active: number }> {
  const value = async (name: string, labels: Record<string, string>): Promise<number> =>
    (await valueOf(registry, name, { thrift_service: service, ...labels })) ?? NaN;
  const latency = 'thrift_server_latency_seconds_count';
  return {
    ok: await value(latency, { thrift_success: 'true' }),
    failed: await value(latency, { thrift_success: 'false' }),
    active: await value('thrift_server_active_requests', {}),
  };
}

describe('2.1 same this, arguments, result and error', () => {
  it('a decorated method passes on this, and more or fewer arguments than declared', () => {
    const seen: unknown[] = [];
    class ArgumentsHandler {
      @Instrumented run(a?: unknown, ...rest: unknown[]): number {
        seen.push(this, a, rest);
        return arguments.length;
      }
    }
    const handler = new ArgumentsHandler();
    expect(handler.run()).toBe(0);
    expect(handler.run(1, 2, 3)).toBe(3);
    expect(seen).toEqual([handler, undefined, [], handler, 1, [2, 3]]);
  });

  it('a decorated method throws the same error synchronously', async () => {
    const error = new Error('no');
    class SyncThrowHandler {
      @Instrumented run(): void {
        throw error;
      }
    }
    let caught: unknown;
    try {
      new SyncThrowHandler().run();
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBe(error);
    expect(await countsOf('SyncThrow')).toEqual({ ok: 0, failed: 1, active: 0 });
  });

  it('a decorated async method resolves with the same value and rejects with the same error', async () => {
    const error = new Error('no');
    const value = {};
    class AsyncHandler {
      @Instrumented async run(fail: boolean): Promise<object> {
        if (fail) throw error;
        return value;
      }
    }
    const handler = new AsyncHandler();
    expect(await handler.run(false)).toBe(value);
    expect(await handler.run(true).catch((thrown: unknown) => thrown)).toBe(error);
    expect(await countsOf('Async')).toEqual({ ok: 1, failed: 1, active: 0 });
  });

  it('a promise that is returned twice stays the same object with its own properties', async () => {
    const shared = Object.assign(Promise.resolve(1), { cancel: () => 'cancelled' });
    class SharedHandler {
      @Instrumented run(): typeof shared {
        return shared;
      }
    }
    const handler = new SharedHandler();
    const first = handler.run();
    expect(handler.run()).toBe(first);
    expect(first.cancel()).toBe('cancelled');
    expect(await first).toBe(1);
    expect(handler.run()).toBe(first);
    expect(await countsOf('Shared')).toEqual({ ok: 3, failed: 0, active: 0 });
  });
});

describe('a promise that a method returns repeatedly', () => {
  const bound: ProxyHandler<Promise<number>> = {
    get(promise, key) {
      const value: unknown = Reflect.get(promise, key);
      return typeof value === 'function' ? value.bind(promise) : value;
    },
  };

  it.each([
    ['Plain', (promise: Promise<number>) => promise],
    ['Frozen', (promise: Promise<number>) => Object.freeze(promise)],
    ['Proxied', (promise: Promise<number>) => new Proxy(promise, bound)],
  ])(
    'a promise that is returned repeatedly gets no visible properties: %s',
    async (service, make) => {
      const shared = make(Promise.resolve(1));
      const handler = instrumentHandler({ run: () => shared }, { service });
      expect(handler.run()).toBe(handler.run());
      expect(Reflect.ownKeys(shared)).toEqual([]);
      expect(await handler.run()).toBe(1);
      expect(await countsOf(service)).toEqual({ ok: 3, failed: 0, active: 0 });
    },
  );
});

describe('a thenable that cannot be observed', () => {
  const refused = new Error('refused');
  const refuse = (): never => {
    throw refused;
  };

  it('a promise proxy that is not a valid receiver for `then` is returned unchanged', async () => {
    const proxy = new Proxy(Promise.resolve(1), {});
    const handler = instrumentHandler({ run: () => proxy }, { service: 'Receiver' });
    expect(handler.run()).toBe(proxy);
    await expect(handler.run()).rejects.toThrow(TypeError);
    expect(await countsOf('Receiver')).toEqual({ ok: 0, failed: 2, active: 0 });
  });

  it('a promise proxy that hides its properties still resolves', async () => {
    const promise = Promise.resolve(1);
    const proxy = new Proxy(promise, {
      get: (_, key) => (key === 'then' ? promise.then.bind(promise) : undefined),
      ownKeys: refuse,
    });
    const handler = instrumentHandler({ run: () => proxy }, { service: 'Hidden' });
    expect(await handler.run()).toBe(1);
    expect(await countsOf('Hidden')).toEqual({ ok: 1, failed: 0, active: 0 });
  });

  it('a thenable whose `then` can be read only once is returned unchanged', async () => {
    let reads = 0;
    const once = {
      get then() {
        if (reads++ > 0) refuse();
        return (onFulfilled: (value: number) => void) => onFulfilled(1);
      },
    };
    const handler = instrumentHandler({ run: () => once }, { service: 'Once' });
    expect(handler.run()).toBe(once);
    expect(await countsOf('Once')).toEqual({ ok: 0, failed: 1, active: 0 });
  });
});

describe('2.2 same length, name, properties, metadata and flags', () => {
  it('a decorated method keeps its length, name, properties, metadata and flags', () => {
    const original = Object.assign(function run(this: unknown, _a: number, _b: number): void {}, {
      tag: 'x',
      [Symbol.for('tag')]: 'y',
    });
    const before = { value: original, writable: false, enumerable: true, configurable: true };
    class FlagsHandler {}
    Reflect.defineMetadata('role', 'admin', original);
    const after = Counted(FlagsHandler.prototype, 'run', { ...before });
    const wrapper = after.value as typeof original;
    expect(wrapper).not.toBe(original);
    expect({ ...after, value: null }).toEqual({ ...before, value: null });
    expect(Object.getOwnPropertyDescriptors(wrapper)).toEqual(
      Object.getOwnPropertyDescriptors(original),
    );
    expect([wrapper.length, wrapper.name]).toEqual([2, 'run']);
    expect(Reflect.getMetadata('role', wrapper)).toBe('admin');
  });

  it('a wrapped method stays a method, a function stays a constructor, and an async function looks async', () => {
    class KindsHandler {
      @Counted run(): void {}
      @Counted async later(): Promise<void> {}
    }
    const { run, later } = KindsHandler.prototype;
    expect(Object.hasOwn(run, 'prototype')).toBe(false);
    expect(() => Reflect.construct(run, [])).toThrow(TypeError);
    expect(Object.prototype.toString.call(later)).toBe('[object AsyncFunction]');
    function Point(this: { x: number }, x: number): void {
      this.x = x;
    }
    const descriptor = { value: Point, writable: true, configurable: true, enumerable: true };
    const wrapped = Counted(KindsHandler.prototype, 'point', descriptor).value as unknown;
    const point = Reflect.construct(wrapped as () => void, [1]) as { x: number };
    expect(point).toBeInstanceOf(Point);
    expect(point.x).toBe(1);
  });
});

describe('2.3 promises, thenables, callbacks and plain values are timed until they settle', () => {
  it('a plain value is timed until it is returned', async () => {
    class PlainHandler {
      @Instrumented run(): number {
        return 1;
      }
    }
    new PlainHandler().run();
    expect(await countsOf('Plain')).toEqual({ ok: 1, failed: 0, active: 0 });
  });

  it('a promise is timed until it settles', async () => {
    let resolve: (value: number) => void = () => {};
    class PromiseHandler {
      @Instrumented run(): Promise<number> {
        return new Promise((settle) => (resolve = settle));
      }
    }
    const running = new PromiseHandler().run();
    expect(await countsOf('Promise')).toEqual({ ok: 0, failed: 0, active: 1 });
    resolve(1);
    await running;
    expect(await countsOf('Promise')).toEqual({ ok: 1, failed: 0, active: 0 });
  });

  it('a lazy thenable stays the same object and is started once, by the caller', async () => {
    let started = 0;
    const query = {
      then(onFulfilled: (value: string) => unknown, _onRejected?: unknown): unknown {
        started++;
        return Promise.resolve('row').then(onFulfilled);
      },
    };
    class LazyHandler {
      @Instrumented run(): typeof query {
        return query;
      }
    }
    const returned = new LazyHandler().run();
    expect(returned).toBe(query);
    expect(started).toBe(0);
    expect(await countsOf('Lazy')).toEqual({ ok: 0, failed: 0, active: 1 });
    expect(await returned).toBe('row');
    expect(started).toBe(1);
    expect(await countsOf('Lazy')).toEqual({ ok: 1, failed: 0, active: 0 });
  });

  it('a call with a callback is timed until the callback runs, decided per call', async () => {
    let call: () => void = () => {};
    class CallbackHandler {
      @Instrumented run(value: number, result?: (error: unknown, value?: number) => void): number {
        if (result !== undefined) call = () => result(null, value);
        return value;
      }
    }
    const handler = new CallbackHandler();
    handler.run(1);
    expect(await countsOf('Callback')).toEqual({ ok: 1, failed: 0, active: 0 });
    const results: unknown[] = [];
    handler.run(2, (...args) => void results.push(args));
    expect(await countsOf('Callback')).toEqual({ ok: 1, failed: 0, active: 1 });
    call();
    expect(results).toEqual([[null, 2]]);
    expect(await countsOf('Callback')).toEqual({ ok: 2, failed: 0, active: 0 });
  });

  it('a callback succeeds only with an error of null or undefined, and fails with 0, as in Thrift', async () => {
    class ZeroHandler {
      @Instrumented run(error: unknown, result: (error: unknown) => void): void {
        result(error);
      }
    }
    const handler = new ZeroHandler();
    for (const error of [null, undefined, 0, '', false]) handler.run(error, () => {});
    expect(await countsOf('Zero')).toEqual({ ok: 2, failed: 3, active: 0 });
  });

  it('a callback that is called twice is passed on twice and recorded once', async () => {
    class TwiceHandler {
      @Instrumented run(result: (error: unknown, value: number) => void): void {
        result(null, 1);
        result(new Error('late'), 2);
      }
    }
    const calls: unknown[] = [];
    new TwiceHandler().run((...args) => void calls.push(args));
    expect(calls).toEqual([
      [null, 1],
      [new Error('late'), 2],
    ]);
    expect(await countsOf('Twice')).toEqual({ ok: 1, failed: 0, active: 0 });
  });

  it('an async method with a callback settles by the callback, unless its promise rejects first', async () => {
    let call: () => void = () => {};
    class BothHandler {
      @Instrumented async run(fail: boolean, result: (error: unknown) => void): Promise<void> {
        if (fail) throw new Error('no');
        call = () => result(null);
      }
    }
    const handler = new BothHandler();
    await handler.run(false, () => {});
    expect(await countsOf('Both')).toEqual({ ok: 0, failed: 0, active: 1 });
    call();
    expect(await countsOf('Both')).toEqual({ ok: 1, failed: 0, active: 0 });
    await expect(handler.run(true, () => {})).rejects.toThrow('no');
    expect(await countsOf('Both')).toEqual({ ok: 1, failed: 1, active: 0 });
  });
});

describe('2.4 unhandled rejections stay as they were', () => {
  const error = new Error('unhandled');
  class RejectHandler {
    @Instrumented async later(): Promise<never> {
      throw error;
    }
    @Instrumented now(): Promise<never> {
      return Promise.reject(error);
    }
  }
  it('a rejection without a handler is reported once as unhandled, as in a oneway method', async () => {
    const handler = new RejectHandler();
    expect(await unhandledRejectionsOf(() => void handler.later())).toEqual([error]);
    expect(await unhandledRejectionsOf(() => void handler.now())).toEqual([error]);
  });

  it('a handled rejection is not reported as unhandled', async () => {
    const handler = new RejectHandler();
    expect(await unhandledRejectionsOf(() => handler.later().catch(() => {}))).toEqual([]);
    expect(await unhandledRejectionsOf(() => handler.now().catch(() => {}))).toEqual([]);
  });

  it('a memoized rejection that one caller handles is not reported as unhandled', async () => {
    const rejected = Promise.reject(error);
    class MemoHandler {
      @Instrumented run(): Promise<never> {
        return rejected;
      }
    }
    const handler = new MemoHandler();
    const reasons = await unhandledRejectionsOf(() => {
      void handler.run();
      handler.run().catch(() => {});
    });
    expect(reasons).toEqual([]);
  });
});

describe('2.5 nothing that metrics code does can reach the call', () => {
  const internalErrors = async (): Promise<unknown> =>
    (await samplesOf(registry))
      .filter(({ name, value }) => name === 'thrift_metrics_internal_errors_total' && value > 0)
      .map(({ labels, value }) => [labels['site'], value]);

  it('when a label function throws, the call counts as _unknown, and faults are counted and reported once', async () => {
    const fault = new Error('label fault');
    class FaultyHandler {
      @Instrumented({
        labels: {
          tag: () => {
            throw fault;
          },
        },
      })
      run(): string {
        return 'ok';
      }
    }
    const handler = new FaultyHandler();
    expect([handler.run(), handler.run()]).toEqual(['ok', 'ok']);
    const labels = { thrift_service: 'Faulty', tag: '_unknown' };
    expect(await valueOf(registry, 'thrift_server_requests_total', labels)).toBe(2);
    // Each call asks for the label twice: for counter and gauge when it arrives, for the histogram when it settles.
    expect(await internalErrors()).toEqual([['label:FaultyHandler.run:tag', 4]]);
    expect(onError.mock.calls).toEqual([[fault, 'label:FaultyHandler.run:tag']]);
  });

  it('a label function that returns undefined is reported', async () => {
    class UndefinedHandler {
      @Counted({ labels: { tag: () => undefined as unknown as string } }) run(): void {}
    }
    new UndefinedHandler().run();
    expect(onError.mock.calls[0]?.[0]).toBeInstanceOf(ThriftMetricsError);
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: 'TM_ERR_LABEL_FUNCTION' });
  });

  it('an unreadable error is thrown unchanged and counted as a failure', async () => {
    const hostile = new Proxy(new Error('x'), {
      get: () => {
        throw new Error('trap');
      },
      getPrototypeOf: () => {
        throw new Error('trap');
      },
    });
    class HostileHandler {
      @Instrumented run(): void {
        throw hostile;
      }
    }
    let caught: unknown;
    try {
      new HostileHandler().run();
    } catch (error) {
      caught = error;
    }
    expect(caught === hostile).toBe(true);
    expect(await countsOf('Hostile')).toEqual({ ok: 0, failed: 1, active: 0 });
    expect(await internalErrors()).toEqual([['exception:HostileHandler.run', 1]]);
  });

  it('an onError that throws does not reach the call', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    configureMetrics({
      onError: () => {
        throw new Error('handler fault');
      },
    });
    class NoisyHandler {
      @Counted({ labels: { tag: () => null as unknown as string } }) run(): number {
        return 1;
      }
    }
    expect(new NoisyHandler().run()).toBe(1);
    expect(warn).toHaveBeenCalledTimes(1);
    warn.mockRestore();
    configureMetrics({ onError });
  });

  it('an async onError that rejects does not end the program', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const fault = new Error('handler fault');
    configureMetrics({ onError: async () => Promise.reject(fault) });
    class LateNoisyHandler {
      @Counted({ labels: { tag: () => null as unknown as string } }) run(): number {
        return 1;
      }
    }
    const rejections = await unhandledRejectionsOf(() => new LateNoisyHandler().run());
    expect(rejections).toEqual([]);
    expect(warn.mock.calls).toEqual([['thrift-metrics: onError:', fault]]);
    warn.mockRestore();
    configureMetrics({ onError });
  });

  it('a cleared registry does not affect the call', async () => {
    class ClearedHandler {
      @Instrumented({ labels: { tag: () => 'x' } }) run(): string {
        return 'ok';
      }
    }
    const own = new Registry();
    configureMetrics({ registry: own });
    own.clear();
    expect(new ClearedHandler().run()).toBe('ok');
    configureMetrics({ registry });
    expect(
      await valueOf(registry, 'thrift_server_requests_total', { thrift_service: 'Cleared' }),
    ).toBe(1);
  });
});

describe('2.6 series are bounded', () => {
  it('past maxSeriesPerMetric, new label combinations go to _other, are counted, and are reported once', async () => {
    @Instrumented({ service: 'Bounded', timed: false, errorsCounted: false, inFlight: false })
    class Handler {
      @Counted('bounded_total', { labels: { tag: (call) => call.args[0] as string, tier: 'gold' } })
      run(_tag: string): void {}
    }
    configureMetrics({ maxSeriesPerMetric: 3 });
    const handler = new Handler();
    for (const tag of ['a', 'b', 'c', 'd', 'e', 'a', 'd']) handler.run(tag);
    const counts = (await samplesOf(registry))
      .filter(({ name }) => name === 'bounded_total')
      .map(({ labels, value }) => [labels['tag'], labels['tier'], value]);
    expect(counts).toEqual([
      ['a', 'gold', 2],
      ['b', 'gold', 1],
      ['c', 'gold', 1],
      ['_other', 'gold', 3],
    ]);
    expect(
      await valueOf(registry, 'thrift_metrics_dropped_series_total', { metric: 'bounded_total' }),
    ).toBe(3);
    expect(onError).toHaveBeenCalledTimes(1);
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: 'TM_ERR_SERIES_LIMIT' });
  });

  it('error types past maxSeriesPerMetric go to _other and keep their kind', async () => {
    class TypesHandler {
      @Instrumented({ errorsCounted: { name: 'types_total' } }) run(type: string): void {
        throw Object.assign(new Error('x'), { name: type });
      }
    }
    configureMetrics({ maxSeriesPerMetric: 2 });
    const handler = new TypesHandler();
    for (const type of ['A', 'B', 'C']) expect(() => handler.run(type)).toThrow('x');
    const counts = (await samplesOf(registry))
      .filter(({ name }) => name === 'types_total')
      .map(({ labels, value }) => [
        labels['thrift_exception_type'],
        labels['thrift_exception_kind'],
        value,
      ]);
    expect(counts).toEqual([
      ['Error', 'undeclared', 0],
      ['A', 'undeclared', 1],
      ['_other', 'undeclared', 2],
    ]);
  });

  it('the gauge of a dropped label combination returns to 0', async () => {
    class GaugeHandler {
      @InFlight('bounded_active', { labels: { tag: (call) => call.args[0] as string } })
      @Timed('bounded_seconds')
      async run(_tag: string): Promise<void> {}
    }
    configureMetrics({ maxSeriesPerMetric: 1 });
    const handler = new GaugeHandler();
    const running = ['a', 'b', 'c'].map((tag) => handler.run(tag));
    const other = { tag: '_other' };
    expect(await valueOf(registry, 'bounded_active', other)).toBe(2);
    await Promise.all(running);
    expect(await valueOf(registry, 'bounded_active', other)).toBe(0);
  });
});
