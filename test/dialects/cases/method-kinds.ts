import assert from 'node:assert/strict';

import { Counted, Instrumented, ThriftService } from 'thrift-metrics';

import { deferred, methodsOf, read, type Case } from './kit.js';

type Callback = (error: unknown, result?: string) => void;

const failure = new Error('as the method raised it');
const marked = Symbol('marked');

@ThriftService('Kinds')
class Kinds {
  #secret = 'secret';
  #reveal() {
    return this.#secret;
  }

  @Instrumented echo<T>(value: T): T {
    return value;
  }
  @Instrumented hidden() {
    return this.#reveal();
  }
  @Instrumented async later(fail: boolean, until: Promise<void>) {
    await until;
    if (fail) throw failure;
    return this.#secret;
  }
  @Instrumented callback(fail: boolean, until: Promise<void>, callback: Callback) {
    const answer = () => (fail ? callback(failure) : callback(null, this.#secret));
    void until.then(answer);
  }
  @Instrumented defaults(a: number, b = 2, ...rest: number[]) {
    return [a, b, rest.length];
  }
  @Instrumented *generate() {
    yield this.#secret;
  }
  @Instrumented 'quoted-name'() {
    return 'quoted';
  }
  @Instrumented [marked]() {
    return this.#secret;
  }
}

// TypeScript rejects a legacy class decorator on a class with private statics.
// oxlint-disable-next-line typescript/no-extraneous-class -- statics are what this is about
class PrivateStatics {
  static #calls = 0;
  @Counted static next() {
    return ++PrivateStatics.#calls;
  }
}

@ThriftService('SymbolsOnly')
class SymbolsOnly {
  @Counted [marked]() {
    return 1;
  }
}

@ThriftService('Standalone')
class Standalone {
  @Counted who(this: unknown) {
    return this;
  }
}

const handler = new Kinds();

export const cases: Case[] = [
  {
    name: 'a generic method returns its value and is measured',
    async run() {
      const value = { any: 'value' };
      assert.equal(handler.echo(value), value);
      assert.deepEqual(await outcomes('echo'), [1, 0, 0]);
    },
  },
  {
    name: 'a method that uses private fields and methods works as before',
    async run() {
      assert.equal(handler.hidden(), 'secret');
      assert.deepEqual(await outcomes('hidden'), [1, 0, 0]);
    },
  },
  {
    name: 'an async method resolves and rejects as before and is measured when it settles',
    async run() {
      const { promise, finish } = deferred();
      const succeeding = handler.later(false, promise);
      assert.deepEqual(await outcomes('later'), [0, 0, 1]);
      finish();
      assert.equal(await succeeding, 'secret');
      await assert.rejects(handler.later(true, Promise.resolve()), failure);
      assert.deepEqual(await outcomes('later'), [1, 1, 0]);
    },
  },
  {
    name: 'a callback method calls back as before and is measured when it does',
    async run() {
      const { promise, finish } = deferred();
      const call = (fail: boolean) =>
        new Promise((resolve) => handler.callback(fail, promise, (...args) => resolve(args)));
      const succeeding = call(false);
      assert.deepEqual(await outcomes('callback'), [0, 0, 1]);
      finish();
      assert.deepEqual(await succeeding, [null, 'secret']);
      assert.deepEqual(await call(true), [failure]);
      assert.deepEqual(await outcomes('callback'), [1, 1, 0]);
    },
  },
  {
    name: 'defaults and rest parameters work with fewer and with more arguments',
    run() {
      assert.deepEqual(handler.defaults(1), [1, 2, 0]);
      assert.deepEqual(handler.defaults(1, undefined, 3, 4), [1, 2, 2]);
      assert.equal(handler.defaults.length, 1);
    },
  },
  {
    name: 'a generator method still returns a generator',
    run() {
      assert.deepEqual([...handler.generate()], ['secret']);
    },
  },
  {
    name: 'a static method that uses private statics works as before',
    async run() {
      assert.deepEqual([PrivateStatics.next(), PrivateStatics.next()], [1, 2]);
      const series = { thrift_service: 'PrivateStatics', thrift_method: 'next' };
      assert.equal(await read('thrift_server_requests_total', series), 2);
    },
  },
  {
    name: 'a method whose name is not an identifier is measured under that name',
    async run() {
      assert.equal(handler['quoted-name'](), 'quoted');
      assert.deepEqual(await outcomes('quoted-name'), [1, 0, 0]);
    },
  },
  {
    name: 'a method whose name is a symbol works as before and is measured',
    async run() {
      assert.equal(handler[marked](), 'secret');
      const [label, ...others] = await methodsOf('thrift_server_requests_total', 'SymbolsOnly');
      assert.deepEqual(others, []);
      const series = { thrift_service: 'SymbolsOnly', thrift_method: label ?? '' };
      assert.equal(await read('thrift_server_requests_total', series), 0);
      assert.equal(new SymbolsOnly()[marked](), 1);
      assert.equal(await read('thrift_server_requests_total', series), 1);
    },
  },
  {
    name: 'a method called on undefined or on another object gets that receiver',
    async run() {
      const other = {};
      assert.equal(Standalone.prototype.who.call(undefined), undefined);
      assert.equal(Standalone.prototype.who.call(other), other);
      assert.equal(
        await read('thrift_server_requests_total', {
          thrift_service: 'Standalone',
          thrift_method: 'who',
        }),
        2,
      );
    },
  },
];

/** Successes, failures, calls in flight. */
async function outcomes(method: string) {
  const series = { thrift_service: 'Kinds', thrift_method: method };
  const latency = 'thrift_server_latency_seconds_count';
  return [
    await read(latency, { ...series, thrift_success: 'true' }),
    await read(latency, { ...series, thrift_success: 'false' }),
    await read('thrift_server_active_requests', series),
  ];
}
