import 'reflect-metadata';

import { inspect } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { register } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';

import {
  configureMetrics,
  getDeclaredMetrics,
  Instrumented,
  instrumentHandler,
  NotInstrumented,
  resetMetrics,
} from '../../src/index';
import { errorOf } from '../support/error-of';
import { samplesOf, valueOf } from '../support/value-of';

const REQUESTS = 'thrift_server_requests_total';
const faults: unknown[] = [];

beforeEach(() => {
  resetMetrics();
  faults.length = 0;
  configureMetrics({ onError: (error) => faults.push(error) });
});

const requests = (thrift_service: string, thrift_method: string) =>
  valueOf(register, REQUESTS, { thrift_service, thrift_method });

async function methodsOf(service: string): Promise<unknown[]> {
  return (await samplesOf(register))
    .filter(({ name, labels }) => name === REQUESTS && labels['thrift_service'] === service)
    .map(({ labels }) => labels['thrift_method']);
}

class Bank {
  #rate = 2;
  name = 'bank';

  get rate(): number {
    return this.#rate;
  }

  set rate(rate: number) {
    this.#rate = rate;
  }

  quote(amount: number): number {
    return amount * this.#rate;
  }

  self(): this {
    return this;
  }
}

describe('what is handed to Thrift', () => {
  test('a facade has the class, the keys and the properties of its handler', () => {
    const bank = new Bank();
    const facade = instrumentHandler(bank);

    expect(facade).not.toBe(bank);
    expect(facade).toBeInstanceOf(Bank);
    expect(facade.constructor).toBe(Bank);
    expect(Reflect.ownKeys(facade)).toEqual(['name']);
    expect('quote' in facade).toBe(true);
    expect('other' in facade).toBe(false);
    expect(facade.rate).toBe(2);
    expect(inspect(facade)).toBe(inspect(bank));
    expect(facade).toEqual(bank);
  });

  test('a facade writes to its handler, also through a setter with private fields', () => {
    const bank = new Bank();
    const facade = instrumentHandler(bank);

    facade.rate = 3;
    facade.name = 'other';
    Object.defineProperty(facade, 'hidden', { value: 1 });

    expect([bank.rate, bank.name, Reflect.get(bank, 'hidden')]).toEqual([3, 'other', 1]);
    expect(facade.quote(2)).toBe(6);
    expect(Reflect.deleteProperty(facade, 'name')).toBe(true);
    expect(Object.keys(bank)).toEqual([]);
  });

  test('a facade leaves its handler as it was', () => {
    const handler = { add: (a: number, b: number) => a + b };
    const before = Object.getOwnPropertyDescriptors(handler);

    instrumentHandler(handler, { service: 'Untouched' }).add(1, 2);

    expect(Object.getOwnPropertyDescriptors(handler)).toEqual(before);
    expect(Reflect.getOwnMetadataKeys(handler)).toEqual([]);
  });

  test('a facade is as frozen, sealed and extensible as its handler', () => {
    const frozen = instrumentHandler(Object.freeze({ run: () => 1 }), { service: 'Frozen' });
    expect([Object.isFrozen(frozen), Object.keys(frozen), frozen.run()]).toEqual([
      true,
      ['run'],
      1,
    ]);

    const sealed = instrumentHandler(Object.seal({ calls: 1, run() {} }), { service: 'Sealed' });
    expect([Object.isSealed(sealed), Object.isFrozen(sealed)]).toEqual([true, false]);
    sealed.calls++;
    expect(Object.getOwnPropertyDescriptor(sealed, 'calls')).toMatchObject({ value: 2 });

    const closed: { a?: number; run(): number } = { a: 1, run: () => 1 };
    Object.preventExtensions(closed);
    const facade = instrumentHandler(closed, { service: 'Closed' });
    expect(Object.isExtensible(facade)).toBe(false);
    delete closed.a;
    expect([Object.keys(facade), 'a' in facade, facade.run()]).toEqual([['run'], false, 1]);
  });

  test('freezing a facade freezes its handler', async () => {
    const handler = { run: () => 1 };
    const facade = Object.freeze(instrumentHandler(handler, { service: 'Freezing' }));

    expect([Object.isFrozen(handler), Object.isFrozen(facade)]).toEqual([true, true]);
    expect([facade.run(), Object.keys(facade)]).toEqual([1, ['run']]);
    expect(await requests('Freezing', 'run')).toBe(1);
  });

  test('a facade can be called and constructed exactly if its handler can', () => {
    class Point {
      static origin = () => 0;
      constructor(readonly x: number) {}
    }
    const facade = instrumentHandler(Point, { service: 'Point' });
    expect(new facade(3)).toBeInstanceOf(Point);
    expect(class extends facade {}).toHaveProperty('origin');

    const double = instrumentHandler(
      Object.assign((value: number) => 2 * value, { run: () => 1 }),
      { service: 'Double' },
    );
    expect(double(4)).toBe(8);
    expect(() => Reflect.construct(double, [])).toThrow(TypeError);
    expect(typeof instrumentHandler({}, { service: 'Empty' })).toBe('object');
  });

  test('a copy of a facade is measured', async () => {
    const one = instrumentHandler({ one: () => 1 }, { service: 'Copied' });
    const copy = { ...one, ...Object.fromEntries(Object.entries(one)) };

    expect(copy.one()).toBe(1);

    expect(await requests('Copied', 'one')).toBe(1);
  });

  test('a facade can be the prototype of another object, which its methods then get as receiver', () => {
    const facade = instrumentHandler(
      {
        name: 'handler',
        who() {
          return this.name;
        },
      },
      { service: 'Prototype' },
    );
    const derived = Object.assign(Object.create(facade) as typeof facade, { name: 'derived' });
    expect([facade.who(), derived.who(), facade.who.call({ ...facade, name: 'other' })]).toEqual([
      'handler',
      'derived',
      'other',
    ]);
  });

  test('a facade has the metadata that other libraries put on its handler', () => {
    const bank = new Bank();
    Reflect.defineMetadata('role', 'admin', bank);
    expect(Reflect.getMetadata('role', instrumentHandler(bank))).toBe('admin');
  });
});

describe('a method', () => {
  test('a method of a facade has the length, name and properties of the function that would run now', () => {
    const run = Object.assign((_a: number) => 1, { calls: 0 });
    const handler: { run: ((...args: number[]) => number) & { calls?: number } } = { run };
    const facade = instrumentHandler(handler, { service: 'Signature' });

    expect([facade.run.length, facade.run.name, Object.keys(facade.run)]).toEqual([
      1,
      run.name,
      ['calls'],
    ]);
    run.calls = 7;
    expect(facade.run.calls).toBe(7);
    handler.run = function other(_a, _b) {
      return 2;
    };
    expect([facade.run.length, facade.run.name, facade.run()]).toEqual([2, 'other', 2]);
    expect(new (facade.run as unknown as new () => object)()).toBeInstanceOf(handler.run);
  });

  test('a method of a facade is the same function each time, and another one when it is replaced', () => {
    const handler = { run: () => 1 };
    const facade = instrumentHandler(handler, { service: 'Identity' });
    const { run } = facade;
    expect(facade.run).toBe(run);
    handler.run = () => 2;
    expect(facade.run).not.toBe(run);
  });

  test('a method that returns its handler returns the facade', () => {
    const facade = instrumentHandler(new Bank());
    expect(facade.self()).toBe(facade);
  });

  test('a CommonJS module that is its own default export is measured under both names', async () => {
    const handler: { run(): number; default?: unknown } = { run: () => 1 };
    handler.default = handler;
    const facade = instrumentHandler(handler, { service: 'Default' });
    (facade.default as typeof handler).run();
    expect(await requests('Default', 'run')).toBe(1);
  });

  test('a function under two names counts under the name that was called', async () => {
    const run = () => 1;
    const facade = instrumentHandler({ one: run, other: run }, { service: 'Names' });
    facade.one();
    facade.other();
    facade.other();
    expect([await requests('Names', 'one'), await requests('Names', 'other')]).toEqual([1, 2]);
  });

  test('calls on the handler itself are not measured', async () => {
    const handler = { run: () => 1 };
    instrumentHandler(handler, { service: 'Direct' });
    handler.run();
    expect(await requests('Direct', 'run')).toBe(0);
  });

  test('a spy that is put on what was handed to Thrift counts once, and can be taken off', async () => {
    const handler = { run: () => 1 };
    const facade = instrumentHandler(handler, { service: 'Spied' });
    const before = Object.getOwnPropertyDescriptor(facade, 'run')!;
    const { run } = handler;

    Object.defineProperty(facade, 'run', { ...before, value: () => before.value() + 1 });
    expect(facade.run()).toBe(2);
    expect(await requests('Spied', 'run')).toBe(1);

    Object.defineProperty(facade, 'run', before);
    expect(handler.run).toBe(run);
    expect(facade.run()).toBe(1);
    expect(await requests('Spied', 'run')).toBe(2);
  });

  test('a function whose properties cannot be read is measured', async () => {
    const refuse = (): never => {
      throw new Error('refused');
    };
    const run = new Proxy(() => 1, {
      get: refuse,
      ownKeys: refuse,
      getPrototypeOf: refuse,
      getOwnPropertyDescriptor: refuse,
    });
    const facade = instrumentHandler({ run }, { service: 'Refusing' });
    expect(facade.run()).toBe(1);
    expect(await requests('Refusing', 'run')).toBe(1);
    expect(faults).toEqual([]);
  });
});

describe('what is measured', () => {
  test('series of listed methods stand at 0 immediately, and others begin at the first call', async () => {
    const handler = {
      listed: () => 1,
      get hidden() {
        return () => 2;
      },
    } as { listed(): number; hidden(): number; late?: () => number };
    const facade = instrumentHandler(handler, { service: 'Series' });
    expect(await methodsOf('Series')).toEqual(['listed']);

    handler.late = () => 3;
    void facade.hidden;
    void facade.late;
    expect(await methodsOf('Series')).toEqual(['listed']);

    facade.hidden();
    facade.late!();
    expect(await methodsOf('Series')).toEqual(['listed', 'hidden', 'late']);
    expect(await requests('Series', 'late')).toBe(1);
  });

  test('creating a facade runs no accessor', () => {
    let reads = 0;
    const facade = instrumentHandler(
      {
        get run() {
          reads++;
          return () => 1;
        },
      },
      { service: 'Reads' },
    );
    expect(reads).toBe(0);
    facade.run();
    expect(reads).toBe(1);
  });

  test('a late method whose metrics conflict with others runs unmeasured, and the conflict is reported once', () => {
    instrumentHandler({ run: () => 1 }, { service: 'Conflict', buckets: [1, 2] });
    const handler: { run?: () => number } = {};
    const facade = instrumentHandler(handler, { service: 'Conflict', buckets: [1, 3] });
    handler.run = () => 2;
    expect([facade.run!(), facade.run!()]).toEqual([2, 2]);
    expect(faults).toMatchObject([{ code: 'TM_ERR_SERIES_CONFLICT' }]);
  });

  test('classes, symbols, the constructor and what every object has are not measured', async () => {
    class Inner {}
    const facade = instrumentHandler(
      { Inner, run: () => 1, [Symbol.iterator]: () => [][Symbol.iterator]() },
      { service: 'Others' },
    );
    expect(facade.Inner).toBe(Inner);
    expect(facade.toString).toBe(Object.prototype.toString);
    expect(facade.hasOwnProperty('run')).toBe(true);
    expect([...(facade as unknown as Iterable<unknown>)]).toEqual([]);
    expect(await methodsOf('Others')).toEqual(['run']);
  });

  test('a toString of the handler is measured', async () => {
    const facade = instrumentHandler({ toString: () => 'text' }, { service: 'Text' });
    expect(String(facade)).toBe('text');
    expect(await requests('Text', 'toString')).toBe(1);
  });

  test('NotInstrumented is respected, also for a function that replaces the method', async () => {
    class ExcludingHandler {
      run(): number {
        return 1;
      }

      @NotInstrumented skipped(): number {
        return 2;
      }
    }
    const handler = new ExcludingHandler();
    const facade = instrumentHandler(handler);
    expect(facade.skipped()).toBe(2);
    handler.skipped = () => 3;
    expect(facade.skipped()).toBe(3);
    expect(await methodsOf('Excluding')).toEqual(['run']);
  });

  test('a decorated method counts once and gets the handler, and a replacement of it is measured', async () => {
    @Instrumented
    class SecretHandler {
      #secret = 5;

      run(): number {
        return this.#secret;
      }
    }
    const handler = new SecretHandler();
    const facade = instrumentHandler(handler);
    expect(facade.run()).toBe(5);
    expect(await requests('Secret', 'run')).toBe(1);
    handler.run = () => 6;
    expect(facade.run()).toBe(6);
    expect(await requests('Secret', 'run')).toBe(2);
  });

  test('instrumenting twice adds only the metrics that are missing', async () => {
    const handler: { run(): number; late?: () => number } = { run: () => 1 };
    const first = instrumentHandler(handler, { service: 'Again', timed: false });
    const second = instrumentHandler(first, { service: 'Again' });
    second.run();
    handler.late = () => 2;
    second.late!();
    for (const method of ['run', 'late']) expect(await requests('Again', method)).toBe(1);
    const kinds = getDeclaredMetrics(second)
      .filter(({ method }) => method === 'run')
      .map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(['counted', 'errorsCounted', 'inFlight', 'timed']);
  });
});

test('getDeclaredMetrics lists what instrumentHandler declares, and not for the handler itself', () => {
  const handler = { run: () => 1 };
  const facade = instrumentHandler(handler, { service: 'Listed', timed: false, inFlight: false });
  expect(
    getDeclaredMetrics(facade).map(({ kind, service, method, declaredBy }) => [
      kind,
      service,
      method,
      declaredBy,
    ]),
  ).toEqual([
    ['counted', 'Listed', 'run', 'Object'],
    ['errorsCounted', 'Listed', 'run', 'Object'],
  ]);
  expect(getDeclaredMetrics(handler)).toEqual([]);
});

test('a class without static methods is refused, because it was meant to be an instance', () => {
  expect(errorOf(() => instrumentHandler(Bank)).message).toBe(
    'instrumentHandler: the handler is the class Bank, which has no static methods. Pass an instance of it.',
  );
});

test('a handler that is not used any more leaves memory, although its series stay', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const use = (): WeakRef<object> => {
    class Fields {
      run = () => this;
      late?: () => unknown;
    }
    const handler = new Fields();
    const facade = instrumentHandler(handler, { service: 'Collected' });
    handler.late = () => handler;
    facade.run();
    facade.late!();
    return new WeakRef(handler);
  };
  const handler = use();
  await new Promise((resolve) => setImmediate(resolve));
  collect();
  expect(handler.deref()).toBeUndefined();
  expect(await requests('Collected', 'late')).toBe(1);
});
