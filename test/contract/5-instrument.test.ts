import { Registry } from 'prom-client';
import 'reflect-metadata';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';

import {
  configureMetrics,
  Counted,
  instrument,
  Instrumented,
  instrumentHandler,
  resetMetrics,
  ThriftService,
  type Call,
} from '../../src/index';
import { errorOf } from '../support/error-of';
import { samplesOf, valueOf } from '../support/value-of';

const registry = new Registry();
const onError = vi.fn<(error: unknown, site: string) => void>();
beforeAll(() => configureMetrics({ registry, onError }));
afterEach(() => {
  configureMetrics({ enabled: true });
  resetMetrics();
  onError.mockClear();
});

class InvalidOperation extends Error {}

type AnyFunction = (this: unknown, ...args: unknown[]) => unknown;

/** Calls of one method: settled by outcome, counted, and in progress. */
async function countsOf(service: string, method: string) {
  const value = (name: string, labels = {}) =>
    valueOf(registry, name, { thrift_service: service, thrift_method: method, ...labels });
  const latency = 'thrift_server_latency_seconds_count';
  return [
    await value('thrift_server_requests_total'),
    await value(latency, { thrift_success: 'true' }),
    await value(latency, { thrift_success: 'false' }),
    await value('thrift_server_active_requests'),
  ];
}

describe('the instrumented function is the same function', () => {
  it('passes on the receiver and all arguments, and returns the same result', async () => {
    const seen: unknown[][] = [];
    const result = { same: true };
    const fn: AnyFunction = function (this: unknown, ...args: unknown[]) {
      seen.push([this, ...args]);
      return result;
    };
    const run = instrument(fn, { service: 'Same', method: 'run' });
    const receiver = {};
    expect(run.call(receiver, 1, undefined)).toBe(result);
    expect(run()).toBe(result);
    expect(run.call(7)).toBe(result);
    expect(seen).toEqual([[receiver, 1, undefined], [undefined], [7]]);
    expect(seen[0]?.[0]).toBe(receiver);
    expect(seen[0]).toHaveLength(3);
    expect(await countsOf('Same', 'run')).toEqual([3, 3, 0, 0]);
  });

  it.each([
    ['an error', new Error('no')],
    ['undefined', undefined],
    ['a frozen error', Object.freeze(new RangeError('no'))],
    ['a symbol', Symbol('no')],
  ])('throws %s as the function throws it', async (what, error) => {
    const service = `Throws ${what}`;
    const run = instrument(
      () => {
        throw error;
      },
      { service, method: 'run' },
    );
    let caught: unknown = 'nothing';
    try {
      run();
    } catch (thrown) {
      caught = thrown;
    }
    expect(caught).toBe(error);
    expect(await countsOf(service, 'run')).toEqual([1, 0, 1, 0]);
  });

  it('has the length, name, prototype, metadata and own properties with their flags', () => {
    const marker = Symbol('marker');
    function original(_a: number, _b: number): void {}
    Object.defineProperty(original, 'hidden', { value: 1 });
    Object.assign(original, { [marker]: 2, open: 3 });
    Reflect.defineMetadata('role', 'admin', original);
    const run = instrument(original, { service: 'Likeness' });
    expect(run).not.toBe(original);
    expect([run.length, run.name]).toEqual([2, 'original']);
    expect(Object.getOwnPropertyDescriptors(run)).toEqual(
      Object.getOwnPropertyDescriptors(original),
    );
    expect(Object.getPrototypeOf(run)).toBe(Object.getPrototypeOf(original));
    expect(Reflect.getMetadata('role', run)).toBe('admin');
  });

  it('has the prototype of the function, whatever kind of function it is', () => {
    const kinds = [async () => {}, function* generate() {}, Object.setPrototypeOf(() => {}, null)];
    for (const fn of kinds as (() => unknown)[]) {
      const run = instrument(fn, { service: 'Prototypes', method: 'run' });
      expect(run).not.toBe(fn);
      expect(Object.getPrototypeOf(run)).toBe(Object.getPrototypeOf(fn));
    }
  });

  it('leaves the given function as it was', async () => {
    const original = (a: number): number => a + 1;
    const before = Object.getOwnPropertyDescriptors(original);
    instrument(original, { service: 'Untouched', method: 'run' });
    expect(Object.getOwnPropertyDescriptors(original)).toEqual(before);
    expect(original(1)).toBe(2);
    expect(await countsOf('Untouched', 'run')).toEqual([0, 0, 0, 0]);
  });

  it('accepts a frozen function', async () => {
    const frozen = Object.freeze((a: number): number => a + 1);
    const run = instrument(frozen, { service: 'Frozen', method: 'run' });
    expect(run(1)).toBe(2);
    expect(await countsOf('Frozen', 'run')).toEqual([1, 1, 0, 0]);
  });

  it('is constructible if the function is, and its instances are instances of both', () => {
    function Point(this: { x: number }, x: number): void {
      this.x = x;
    }
    const Measured = instrument(Point, { service: 'Constructible' });
    const point = Reflect.construct(Measured, [3]) as { x: number };
    expect(point.x).toBe(3);
    expect(point).toBeInstanceOf(Point);
    expect(point).toBeInstanceOf(Measured);
    const arrow = instrument(() => {}, { service: 'NotConstructible', method: 'run' });
    expect(() => Reflect.construct(arrow, []) as unknown).toThrow(TypeError);
  });

  it('runs the function alone while metrics are disabled', async () => {
    const run = instrument((a: number) => a + 1, { service: 'Disabled', method: 'run' });
    configureMetrics({ enabled: false });
    expect(run(1)).toBe(2);
    expect(await countsOf('Disabled', 'run')).toEqual([0, 0, 0, 0]);
  });
});

describe('functions of every kind', () => {
  it('an async function is measured until it settles', async () => {
    let settle: () => void = () => {};
    const gate = new Promise<void>((resolve) => (settle = resolve));
    const error = new Error('no');
    const run = instrument(
      async (fails: boolean) => {
        await gate;
        if (fails) throw error;
        return 'done';
      },
      { service: 'Async', method: 'run' },
    );
    const running = run(false);
    const failing = run(true);
    failing.catch(() => {});
    expect(await countsOf('Async', 'run')).toEqual([2, 0, 0, 2]);
    settle();
    expect(await running).toBe('done');
    await expect(failing).rejects.toBe(error);
    expect(await countsOf('Async', 'run')).toEqual([2, 1, 1, 0]);
  });

  it('a function in callback style is measured until it calls back, and passes everything on', async () => {
    type Done = (error: unknown, value?: number) => string;
    let call: Done = () => '';
    const run = instrument((_a: number, done: Done): void => void (call = done), {
      service: 'Callback',
      method: 'run',
    });
    const answers: unknown[][] = [];
    run(1, (...args) => {
      answers.push(args);
      return 'thanks';
    });
    expect(await countsOf('Callback', 'run')).toEqual([1, 0, 0, 1]);
    expect(call(null, 5)).toBe('thanks');
    expect(call(new Error('again'))).toBe('thanks');
    expect(answers).toEqual([[null, 5], [new Error('again')]]);
    expect(await countsOf('Callback', 'run')).toEqual([1, 1, 0, 0]);
  });

  it('generators, sync and async, yield as before', async () => {
    function* numbers(): Generator<number> {
      yield 1;
      yield 2;
    }
    async function* letters(): AsyncGenerator<string> {
      yield 'a';
      yield 'b';
    }
    const sync = instrument(numbers, { service: 'Generators' });
    const async = instrument(letters, { service: 'Generators' });
    expect([...sync()]).toEqual([1, 2]);
    const found: string[] = [];
    for await (const letter of async()) found.push(letter);
    expect(found).toEqual(['a', 'b']);
    expect(sync()).toBeInstanceOf(numbers);
    expect(await countsOf('Generators', 'numbers')).toEqual([2, 2, 0, 0]);
    expect(await countsOf('Generators', 'letters')).toEqual([1, 1, 0, 0]);
  });

  it('a bound function keeps its receiver and its arguments', async () => {
    const store = {
      base: 10,
      add(a: number, b: number): number {
        return this.base + a + b;
      },
    };
    const run = instrument(store.add.bind(store, 1), { service: 'Bound', method: 'add' });
    expect(run.call({ base: 0 } as never, 2)).toBe(13);
    expect([run.length, run.name]).toEqual([1, 'bound add']);
    expect(await countsOf('Bound', 'add')).toEqual([1, 1, 0, 0]);
  });

  it('a proxy of a function is called through its traps', async () => {
    let settle: () => void = () => {};
    const gate = new Promise<void>((resolve) => (settle = resolve));
    const proxied = new Proxy(async (a: number) => a, {
      async apply(target, self, [a]) {
        await gate;
        return (await Reflect.apply(target, self, [a as number])) + 100;
      },
    });
    const run = instrument(proxied, { service: 'Proxied', method: 'run' });
    const running = run(1);
    expect(await countsOf('Proxied', 'run')).toEqual([1, 0, 0, 1]);
    settle();
    expect(await running).toBe(101);
    expect(await countsOf('Proxied', 'run')).toEqual([1, 1, 0, 0]);
  });

  it('a proxy of an async function that returns a plain value is measured', async () => {
    const proxied = new Proxy(async () => 1, { apply: () => 'plain' as never });
    const run = instrument(proxied, { service: 'PlainProxy', method: 'run' });
    expect(run()).toBe('plain');
    expect(await countsOf('PlainProxy', 'run')).toEqual([1, 1, 0, 0]);
  });

  it('an arrow function without a name needs the option method', async () => {
    const run = instrument((a: number, b: number) => a + b, { service: 'Arrow', method: 'add' });
    expect(run(1, 2)).toBe(3);
    expect(await countsOf('Arrow', 'add')).toEqual([1, 1, 0, 0]);
  });

  it('method names that objects treat specially are measured like others', async () => {
    for (const method of ['__proto__', 'constructor', 'toString', 'prototype', 'length', '0']) {
      const run = instrument((a: number) => a, { service: 'Special', method });
      expect(run(4)).toBe(4);
      expect(await countsOf('Special', method)).toEqual([1, 1, 0, 0]);
    }
  });
});

describe('series and options', () => {
  it('all series exist at 0 at once, with the labels of service and method', async () => {
    instrument(function load() {}, { service: 'Zero', exceptions: [InvalidOperation] });
    const own = (await samplesOf(registry)).filter(
      ({ labels }) => labels['thrift_service'] === 'Zero',
    );
    expect(own.every(({ value }) => value === 0)).toBe(true);
    expect(new Set(own.map(({ labels }) => labels['thrift_method']))).toEqual(new Set(['load']));
    // One request counter, two gauges, two errors, three kinds of failure, two of the event loop, and for each outcome 15
    // buckets, sum and count.
    expect(own).toHaveLength(1 + 2 + 2 + 3 + 2 + 2 * 17);
  });

  it('the option method takes precedence over the name of the function', async () => {
    const run = instrument(function inner() {}, { service: 'Named', method: 'outer' });
    run();
    expect(run.name).toBe('inner');
    expect(await countsOf('Named', 'outer')).toEqual([1, 1, 0, 0]);
    expect(await countsOf('Named', 'inner')).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('takes the options of Instrumented', async () => {
    const seen: Call[] = [];
    const run = instrument(
      (kind: string) => {
        if (kind === 'throw') throw new InvalidOperation();
        return kind;
      },
      {
        service: 'Options',
        method: 'run',
        exceptions: [InvalidOperation],
        labels: { tier: 'gold' },
        counted: { name: 'options_calls_total', labels: { kind: ({ args }) => args[0] } },
        timed: false,
        inFlight: false,
        failed: (call) => {
          seen.push({ ...call });
          return call.result === 'bad' && 'BAD';
        },
      },
    );
    run('good');
    run('bad');
    expect(() => run('throw')).toThrow(InvalidOperation);
    const calls = (kind: string) =>
      valueOf(registry, 'options_calls_total', { kind, tier: 'gold' });
    expect([await calls('good'), await calls('bad'), await calls('throw')]).toEqual([1, 1, 1]);
    const errors = (await samplesOf(registry))
      .filter(
        ({ name, labels }) =>
          name === 'thrift_server_errors_total' && labels['thrift_service'] === 'Options',
      )
      .map(({ labels, value }) => [
        labels['thrift_exception_kind'],
        labels['thrift_exception_type'],
        value,
      ]);
    expect(new Set(errors)).toEqual(
      new Set([
        ['undeclared', 'Error', 0],
        ['declared', 'InvalidOperation', 1],
        ['result', 'result', 0],
        ['result', 'BAD', 1],
      ]),
    );
    expect(await countsOf('Options', 'run')).toEqual([undefined, undefined, undefined, undefined]);
    expect(seen).toEqual([
      { args: ['good'], method: 'run', service: 'Options', result: 'good' },
      { args: ['bad'], method: 'run', service: 'Options', result: 'bad' },
    ]);
  });

  it('two functions with the same service and method share their series', async () => {
    const options = { service: 'Pair', method: 'run' };
    const first = instrument(() => 1, options);
    const second = instrument(() => 2, options);
    expect([first(), second()]).toEqual([1, 2]);
    expect(await countsOf('Pair', 'run')).toEqual([2, 2, 0, 0]);
  });

  it('the service keeps its name even if it ends in Handler', async () => {
    instrument(() => {}, { service: 'AuditHandler', method: 'run' })();
    expect(await countsOf('AuditHandler', 'run')).toEqual([1, 1, 0, 0]);
  });

  it('other buckets for the same series are an error that names both declarations', async () => {
    const run = instrument(() => 1, { service: 'Conflict', method: 'run', buckets: [1] });
    const error = errorOf(() =>
      instrument(() => 2, { service: 'Conflict', method: 'run', buckets: [2] }),
    );
    expect(error.code).toBe('TM_ERR_SERIES_CONFLICT');
    run();
    expect(await countsOf('Conflict', 'run')).toEqual([1, 1, 0, 0]);
  });
});

describe('what is measured already', () => {
  it('an instrumented function is returned as it is, and each call counts once', async () => {
    const once = instrument((a: number) => a, { service: 'Twice', method: 'run' });
    const twice = instrument(once, { service: 'Twice', method: 'run' });
    expect(twice).toBe(once);
    twice(1);
    expect(await countsOf('Twice', 'run')).toEqual([1, 1, 0, 0]);
  });

  it('a decorated method is not counted again', async () => {
    @ThriftService('Decorated')
    class Handler {
      @Instrumented run(): string {
        return 'done';
      }
    }
    const { run } = Handler.prototype;
    const again = instrument(run, { service: 'Other' });
    expect(again).toBe(run);
    expect(again.call(new Handler())).toBe('done');
    expect(await countsOf('Decorated', 'run')).toEqual([1, 1, 0, 0]);
    expect(await countsOf('Other', 'run')).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('only the metrics that a decorated method lacks are added', async () => {
    @ThriftService('Partial')
    class Handler {
      @Counted run(): string {
        return 'done';
      }
    }
    const original = Handler.prototype.run;
    const run = instrument(original, { service: 'Partial' });
    expect(Handler.prototype.run).toBe(original);
    expect(run.call(new Handler())).toBe('done');
    expect(await countsOf('Partial', 'run')).toEqual([1, 1, 0, 0]);
  });

  it('a function whose missing metrics were added counts each call once, however often it is instrumented', async () => {
    const options = { service: 'Layers', method: 'run' };
    let run = instrument(() => 1, {
      ...options,
      timed: false,
      errorsCounted: false,
      inFlight: false,
    });
    for (let i = 0; i < 3; i++) run = instrument(run, options);
    run();
    expect(await countsOf('Layers', 'run')).toEqual([1, 1, 0, 0]);
    const handler = instrumentHandler({ run }, { service: 'Layers' });
    handler.run();
    expect(await countsOf('Layers', 'run')).toEqual([2, 2, 0, 0]);
  });
});

describe('wrong arguments', () => {
  const wrong = (fn: unknown, options: unknown) =>
    errorOf(() => (instrument as (fn: unknown, options: unknown) => unknown)(fn, options));
  const add = (): void => {};

  it.each([
    ['undefined', undefined],
    ['an object', { add }],
    ['a string', 'add'],
    ['null', null],
  ])('a first argument that is %s is an error that asks for a function', (_what, fn) => {
    const error = wrong(fn, { service: 'S' });
    expect(error.code).toBe('TM_ERR_OPTION_INVALID');
    expect(error.message).toMatch(/^instrument: the first argument is .*Expected a function/);
  });

  it('a class is an error that names @Instrumented', () => {
    const error = wrong(class Handler {}, { service: 'S' });
    expect(error.code).toBe('TM_ERR_OPTION_INVALID');
    expect(error.message).toMatch(/Handler.*@Instrumented/);
  });

  it.each([
    ['no options', undefined, /^instrument: the options are undefined\. Expected an object/],
    ['null', null, /^instrument: the options are null\. Expected an object/],
    ['a name', 'Calculator', /^instrument: the options are 'Calculator'\. Expected an object/],
    ['no service', {}, /'service'.*Expected the name of a Thrift service, such as 'Calculator'/],
    ['an empty service', { service: '' }, /'service' is ''\. Expected the name/],
    ['a service that is a number', { service: 5 }, /'service' is 5\. Expected the name/],
    ['an empty method', { service: 'S', method: '' }, /'method' is ''\. Expected the name/],
    ['a method that is a number', { service: 'S', method: 1 }, /'method' is 1\. Expected the name/],
    ['failed: true', { service: 'S', failed: true }, /'failed' is true\. Expected a function/],
  ])('%s is an error that says what to pass', (_what, options, message) => {
    const error = wrong(add, options);
    expect(error.code).toBe('TM_ERR_OPTION_INVALID');
    expect(error.message).toMatch(message);
  });

  it('a function without a name needs the option method', () => {
    const error = wrong((() => () => {})(), { service: 'S' });
    expect(error.code).toBe('TM_ERR_OPTION_INVALID');
    expect(error.message).toMatch(/'method'.*Expected the name of a method, such as 'add'/);
  });

  it('an unknown option is an error that lists the options', () => {
    const error = wrong(add, { service: 'S', metod: 'add' });
    expect(error.code).toBe('TM_ERR_OPTION_UNKNOWN');
    expect(error.message).toMatch(/'metod'.*service.*method/);
  });

  it('a wrong call leaves no series behind', async () => {
    wrong(add, { service: 'Nothing', buckets: [2, 1] });
    const services = (await samplesOf(registry)).map(({ labels }) => labels['thrift_service']);
    expect(services).not.toContain('Nothing');
  });
});
