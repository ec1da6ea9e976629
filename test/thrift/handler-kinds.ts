import { EventEmitter } from 'node:events';
import { runInNewContext } from 'node:vm';

import { instrument, Instrumented, ThriftService, Timed } from '../../src/index';
import * as barrel from './handler-module';

type Answer = (error: unknown, result?: unknown) => void;

/** A handler with `count` in promise style and `twice` in callback style, and what can be seen of it. */
interface Subject {
  readonly handler: object;
  /** What the program sees of the handler after the calls. */
  readonly state?: () => unknown;
  /** Runs between the first and the second call of each method. `served` is what was handed to Thrift. */
  readonly change?: (served: object) => void;
}

/** One way to write a handler. */
export interface Kind {
  readonly title: string;
  readonly create: () => Subject;
}

type Methods = Record<string, unknown>;

const ordinary = (): Methods => ({
  async count() {
    return 3;
  },
  twice(number: number, answer: Answer) {
    answer(null, 2 * number);
  },
});

class Plain {
  async count(): Promise<number> {
    return 3;
  }

  twice(number: number, answer: Answer): void {
    answer(null, 2 * number);
  }
}

/** Keeps its state in private fields. */
class Private {
  #rate = 2;
  #calls = 0;

  async count(): Promise<number> {
    return ++this.#calls;
  }

  twice(number: number, answer: Answer): void {
    this.#calls++;
    answer(null, number * this.#rate);
  }

  get seen(): number {
    return this.#calls;
  }
}

const rates = new WeakMap<object, { rate: number; calls: number }>();

/** Keeps its state in a WeakMap. */
class Keyed {
  constructor() {
    rates.set(this, { rate: 2, calls: 0 });
  }

  async count(): Promise<number> {
    const state = rates.get(this);
    return state === undefined ? 0 : ++state.calls;
  }

  twice(number: number, answer: Answer): void {
    answer(null, number * (rates.get(this)?.rate ?? 0));
  }
}

/** Keeps its state in a property. */
class Counting {
  calls = 0;

  async count(): Promise<number> {
    return ++this.calls;
  }

  twice(number: number, answer: Answer): void {
    this.calls++;
    answer(null, 2 * number);
  }
}

function privateIn(guard: (handler: Private) => Private): Subject {
  const handler = guard(new Private());
  return { handler, state: () => handler.seen };
}

function countingIn(guard: (handler: Counting) => Counting): Subject {
  const handler = guard(new Counting());
  return { handler, state: () => handler.calls };
}

/** Each property is read through an accessor, and each reading is counted. */
function accessors(enumerable: boolean): Subject {
  const handler = {};
  const reads: string[] = [];
  for (const [key, value] of Object.entries(ordinary())) {
    const get = (): unknown => {
      reads.push(key);
      return value;
    };
    Object.defineProperty(handler, key, { get, enumerable });
  }
  return { handler, state: () => reads };
}

/** Replaces a method of the handler between the calls. */
function replacing(change: (handler: Methods, served: Methods) => void, handler = ordinary()) {
  return {
    handler,
    change: (served: object) => change(handler, served as Methods),
    state: () => Object.keys(handler),
  };
}

export const kinds: readonly Kind[] = [
  { title: 'a plain object', create: () => ({ handler: ordinary() }) },
  {
    title: 'arrow functions in an object',
    create: () => {
      let calls = 0;
      const handler = {
        count: async () => ++calls,
        twice: (number: number, answer: Answer) => answer(null, 2 * number),
      };
      return { handler, state: () => calls };
    },
  },
  {
    title: 'constructible functions in an object',
    create: () => ({
      handler: {
        rate: 2,
        count: function count(this: { rate: number }) {
          return Promise.resolve(this.rate);
        },
        twice: function twice(this: { rate: number }, number: number, answer: Answer) {
          answer(null, number * this.rate);
        },
      },
    }),
  },
  { title: 'an instance of a class', create: () => ({ handler: new Plain() }) },
  {
    title: 'an instance of a subclass that calls its parent',
    create: () => ({
      handler: new (class extends Plain {
        override async count() {
          return 1 + (await super.count());
        }
      })(),
    }),
  },
  {
    title: 'an ES5 class',
    create: () => {
      function Old(this: { calls: number }) {
        this.calls = 0;
      }
      Old.prototype.count = function (this: { calls: number }) {
        return Promise.resolve(++this.calls);
      };
      Old.prototype.twice = function (number: number, answer: Answer) {
        answer(null, 2 * number);
      };
      const handler = new (Old as unknown as new () => { calls: number })();
      return { handler, state: () => handler.calls };
    },
  },
  { title: 'private fields', create: () => privateIn((handler) => handler) },
  { title: 'a frozen handler with private fields', create: () => privateIn(Object.freeze) },
  { title: 'a sealed handler with private fields', create: () => privateIn(Object.seal) },
  {
    title: 'a non-extensible handler with private fields',
    create: () => privateIn(Object.preventExtensions),
  },
  {
    title: 'a frozen handler with state in a WeakMap',
    create: () => {
      const handler = Object.freeze(new Keyed());
      return { handler, state: () => ({ ...rates.get(handler) }) };
    },
  },
  { title: 'a sealed handler that counts', create: () => countingIn(Object.seal) },
  {
    title: 'a non-extensible handler that counts',
    create: () => countingIn(Object.preventExtensions),
  },
  { title: 'a frozen plain object', create: () => ({ handler: Object.freeze(ordinary()) }) },
  {
    title: 'read-only methods',
    create: () => {
      const handler = {};
      for (const [key, value] of Object.entries(ordinary())) {
        Object.defineProperty(handler, key, { value });
      }
      const flagsOf = ({ writable, configurable }: PropertyDescriptor) => [writable, configurable];
      const state = () => Object.values(Object.getOwnPropertyDescriptors(handler)).map(flagsOf);
      return { handler, state };
    },
  },
  {
    title: 'class fields',
    create: () => {
      class Fields {
        calls = 0;
        count = async () => ++this.calls;
        twice = (number: number, answer: Answer) => answer(null, 2 * number);
      }
      const handler = new Fields();
      return { handler, state: () => handler.calls };
    },
  },
  { title: 'accessors of an object', create: () => accessors(true) },
  { title: 'hidden accessors of an object', create: () => accessors(false) },
  {
    title: 'a frozen object of accessors',
    create: () => {
      const { handler, state } = accessors(true);
      return { handler: Object.freeze(handler), state: state as () => unknown };
    },
  },
  {
    title: 'accessors of a class with private fields',
    create: () => {
      class Accessors {
        #reads = 0;

        get count() {
          const reads = ++this.#reads;
          return async () => reads;
        }

        get twice() {
          this.#reads++;
          return (number: number, answer: Answer) => answer(null, 2 * number);
        }

        get reads() {
          return this.#reads;
        }
      }
      const handler = new Accessors();
      return { handler, state: () => handler.reads };
    },
  },
  {
    title: 'accessors that replace themselves when they are read',
    create: () => {
      const handler = {
        get count() {
          const value = async () => 3;
          Object.defineProperty(this, 'count', { value });
          return value;
        },
        get twice() {
          const value = (number: number, answer: Answer) => answer(null, 2 * number);
          Object.defineProperty(this, 'twice', { value });
          return value;
        },
      };
      const isData = (key: string) => 'value' in Object.getOwnPropertyDescriptor(handler, key)!;
      return { handler, state: () => [isData('count'), isData('twice')] };
    },
  },
  {
    title: 'the CommonJS exports of a compiled barrel',
    create: () => {
      const methods = ordinary();
      const handler = Object.defineProperty({}, '__esModule', { value: true });
      for (const key of Object.keys(methods)) {
        Object.defineProperty(handler, key, { get: () => methods[key], enumerable: true });
      }
      return { handler };
    },
  },
  { title: 'an imported module', create: () => ({ handler: barrel }) },
  {
    title: 'a proxy that answers only get',
    create: () => {
      const methods = ordinary();
      const reads: PropertyKey[] = [];
      const get = (_target: object, key: string): unknown => {
        reads.push(key);
        return methods[key];
      };
      return { handler: new Proxy({}, { get }), state: () => reads };
    },
  },
  {
    title: 'a proxy that throws on everything but get',
    create: () => {
      const methods = ordinary();
      const refuse = (): never => {
        throw new Error('only get');
      };
      const handler = new Proxy(
        {},
        {
          get: (_target, key: string) => methods[key],
          has: refuse,
          ownKeys: refuse,
          getPrototypeOf: refuse,
          getOwnPropertyDescriptor: refuse,
        },
      );
      return { handler };
    },
  },
  {
    title: 'a proxy that creates a function at each access',
    create: () => ({
      handler: new Proxy(ordinary(), {
        get: (target, key: string) => (target[key] as () => unknown).bind(target),
      }),
    }),
  },
  { title: 'a transparent proxy', create: () => ({ handler: new Proxy(new Counting(), {}) }) },
  {
    title: 'a class with static methods',
    create: () => {
      class Static {
        static #rate = 2;
        static calls = 0;

        static async count() {
          return ++this.calls;
        }

        static twice(number: number, answer: Answer) {
          answer(null, number * this.#rate);
        }
      }
      return { handler: Static, state: () => Static.calls };
    },
  },
  {
    title: 'a function with methods',
    create: () => {
      const handler = Object.assign(() => {}, { calls: 0 }, ordinary(), {
        async count(this: { calls: number }) {
          return ++this.calls;
        },
      });
      return { handler, state: () => handler.calls };
    },
  },
  {
    title: 'a constructible function with methods',
    create: () => ({ handler: Object.assign(function handler() {}, ordinary()) }),
  },
  {
    title: 'an object without a prototype',
    create: () => ({ handler: Object.assign(Object.create(null) as object, ordinary()) }),
  },
  {
    title: 'an object that inherits from a handler',
    create: () => {
      const parent = new Counting();
      const handler = Object.create(parent) as Counting;
      return { handler, state: () => [parent.calls, handler.calls] };
    },
  },
  {
    title: 'an object of another realm',
    create: () => ({
      handler: runInNewContext(
        '({ count: async () => 3, twice(number, answer) { answer(null, 2 * number) } })',
      ) as object,
    }),
  },
  {
    title: 'an event emitter',
    create: () => {
      class Emitting extends EventEmitter {
        async count() {
          this.emit('counted');
          return this.listenerCount('counted');
        }

        twice(number: number, answer: Answer) {
          answer(null, 2 * number);
        }
      }
      let heard = 0;
      const handler = new Emitting().on('counted', () => heard++);
      return { handler, state: () => heard };
    },
  },
  {
    title: 'a subclass of Map',
    create: () => {
      class Stored extends Map<string, number> {
        async count() {
          this.set('calls', (this.get('calls') ?? 0) + 1);
          return this.size;
        }

        twice(number: number, answer: Answer) {
          answer(null, 2 * number);
        }
      }
      const handler = new Stored();
      return { handler, state: () => [...handler] };
    },
  },
  {
    title: 'bound functions',
    create: () => {
      const counting = new Counting();
      const handler = {
        count: counting.count.bind(counting),
        twice: counting.twice.bind(counting),
      };
      return { handler, state: () => counting.calls };
    },
  },
  {
    title: 'functions that are proxies',
    create: () => {
      const { count, twice } = ordinary() as Record<string, () => unknown>;
      return { handler: { count: new Proxy(count!, {}), twice: new Proxy(twice!, {}) } };
    },
  },
  {
    title: 'functions with properties of their own',
    create: () => {
      const handler = { count: spy(async () => 3), twice: ordinary()['twice'] };
      return { handler, state: () => handler.count.calls };
    },
  },
  {
    title: 'a decorated class',
    create: () => {
      @Instrumented({ service: 'Library' })
      class Decorated {
        #calls = 0;

        async count() {
          return ++this.#calls;
        }

        twice(number: number, answer: Answer) {
          answer(null, 2 * number);
        }
      }
      return { handler: Object.freeze(new Decorated()) };
    },
  },
  {
    title: 'a class with some decorated methods and metrics',
    create: () => {
      @ThriftService('Library')
      class Partly {
        #rate = 2;

        @Timed async count() {
          return 3;
        }

        twice(number: number, answer: Answer) {
          answer(null, this.#rate * number);
        }
      }
      return { handler: new Partly() };
    },
  },
  {
    title: 'functions of instrument',
    create: () => ({
      handler: {
        count: instrument(async () => 3, { service: 'Library', method: 'count' }),
        twice: ordinary()['twice'],
      },
    }),
  },
  {
    title: 'a method that is replaced later',
    create: () => replacing((handler) => (handler['count'] = async () => 7)),
  },
  {
    title: 'a method that is replaced later by one of the other style',
    create: () =>
      replacing((handler) => {
        handler['count'] = (answer: Answer) => answer(null, 8);
        handler['twice'] = async (number: number) => 3 * number;
      }),
  },
  {
    title: 'a method that a prototype gets later',
    create: () => {
      class Patched extends Plain {}
      const patch = (): void => {
        const { count } = Patched.prototype;
        Patched.prototype.count = async function (this: Plain) {
          return 1000 + (await count.call(this));
        };
      };
      return { handler: new Patched(), change: patch };
    },
  },
  {
    title: 'a prototype that is replaced later',
    create: () => {
      const handler = new Plain();
      return { handler, change: () => void Object.setPrototypeOf(handler, new Counting()) };
    },
  },
  {
    title: 'a method that is removed later and was hiding an inherited one',
    create: () => {
      const handler = Object.assign(new Plain(), { count: async () => 9 });
      return { handler, change: () => void Reflect.deleteProperty(handler, 'count') };
    },
  },
  {
    title: 'a method that is replaced through the served object and calls the one before',
    create: () =>
      replacing((_handler, served) => {
        const before = served['count'] as () => Promise<number>;
        served['count'] = async function (this: unknown) {
          return 100 + (await before.call(this));
        };
      }),
  },
  {
    title: 'a method that a spy replaces through the served object for a while',
    create: () =>
      replacing((_handler, served) => {
        const before = served['count'] as () => Promise<number>;
        served['count'] = spy(before.bind(served));
        served['count'] = before;
      }),
  },
  {
    title: 'a served object that is frozen',
    create: () => ({ handler: ordinary(), change: (served) => void Object.freeze(served) }),
  },
];

/** A function that counts its calls in a property, as spies do. */
function spy<F extends (...args: never[]) => unknown>(method: F): F & { calls: number } {
  const spied = Object.assign(
    function (this: unknown, ...args: never[]) {
      spied.calls++;
      return Reflect.apply(method, this, args);
    },
    { calls: 0 },
  );
  Object.defineProperty(spied, 'length', { value: method.length });
  return spied as unknown as F & { calls: number };
}
