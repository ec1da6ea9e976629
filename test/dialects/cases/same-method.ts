import assert from 'node:assert/strict';

import {
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  NotInstrumented,
  ThriftService,
  Timed,
} from 'thrift-metrics';

import { dialect } from './dialect.js';
import { read, untyped, type Case } from './kit.js';
import { cached, capture, doubled } from './others.js';

const own = Symbol('own');
const stages: unknown[] = [];

/** The methods without decorators. */
class Plain {
  static three(_a: unknown, _b: unknown, _c: unknown) {}
  three(_a: unknown, _b: unknown, _c: unknown) {}
  depth() {
    return frames();
  }
  async later() {}
}

@ThriftService('Same')
class Same {
  @Counted @Timed @ErrorsCounted @InFlight static three(_a: unknown, _b: unknown, _c: unknown) {}
  @Counted @Timed @ErrorsCounted @InFlight three(_a: unknown, _b: unknown, _c: unknown) {}
  @Counted @Timed @ErrorsCounted @InFlight async later() {}
  @Timed one() {
    return frames();
  }
  @Counted @Timed @ErrorsCounted @InFlight four() {
    return frames();
  }
  @Counted @Timed @ErrorsCounted @InFlight promising(value: Promise<number>) {
    return value;
  }
  @Counted
  @capture((value) => Object.assign(value as object, { [own]: 'own', visible: 1 }))
  @Timed
  @capture((value) => Object.assign(value as object, { early: 2 }))
  properties() {}
  @capture((value) => stages.push(value))
  @Counted
  @capture((value) => stages.push(value))
  @Timed
  bare() {
    return frames();
  }
}

@Instrumented({ service: 'SameByClass' })
class SameByClass {
  three(_a: unknown, _b: unknown, _c: unknown) {}
  all() {
    return frames();
  }
  @Counted @Timed both() {
    return frames();
  }
  @NotInstrumented none() {
    return frames();
  }
}

@ThriftService('Around')
class Around {
  @Counted @doubled @Timed between() {
    return 21;
  }
  @Counted @Timed @doubled above() {
    return 21;
  }
  @Counted @cached @Timed sometimes() {
    return 21;
  }
  @doubled @Counted @Timed below() {
    return 21;
  }
}

export const cases: Case[] = [
  ...(
    [
      ['instance', Plain.prototype, Same.prototype],
      ['static', Plain, Same],
      ['class-instrumented instance', Plain.prototype, SameByClass.prototype],
    ] as const
  ).map(([kind, plain, decorated]): Case => ({
    name: `a decorated ${kind} method keeps length, name, descriptor flags and own properties`,
    run: () => sameShape(plain, decorated, 'three'),
  })),
  {
    name: 'a decorated async method keeps length, name, descriptor flags and own properties',
    run: () => sameShape(Plain.prototype, Same.prototype, 'later'),
  },
  {
    name: 'properties that other decorators put on the method between ours are kept',
    run() {
      const method = Reflect.get(Same.prototype, 'properties') as unknown as Record<
        string | symbol,
        unknown
      >;
      assert.deepEqual([method[own], method['visible'], method['early']], ['own', 1, 2]);
    },
  },
  {
    name: 'a stack of four decorators adds no more stack frames than one',
    run() {
      const same = new Same();
      const byClass = new SameByClass();
      assert.ok(same.one() > byClass.none(), 'a decorated method has a wrapper to measure');
      assert.equal(same.four(), same.one());
      assert.equal(byClass.all(), same.one());
      assert.equal(byClass.both(), same.one());
      assert.equal(new Same().bare(), same.one());
    },
  },
  {
    name: 'a stack of four decorators adds one promise reaction',
    async run() {
      let reactions = 0;
      class Observed extends Promise<number> {
        override then<A, B>(...args: Parameters<Promise<number>['then']>) {
          reactions++;
          return super.then(...args) as Promise<A | B>;
        }
      }
      const returned = new Same().promising(Observed.resolve(42));
      assert.equal(reactions, 1);
      assert.ok(returned instanceof Observed);
      assert.equal(await returned, 42);
    },
  },
  {
    name: "another library's wrapper between, above or below ours works, and nothing counts twice",
    async run() {
      const around = new Around();
      assert.deepEqual([around.between(), around.above(), around.below()], [42, 42, 42]);
      const counts = ['between', 'above', 'below'].map(async (thrift_method) => {
        const series = { thrift_service: 'Around', thrift_method };
        return [
          await read('thrift_server_requests_total', series),
          await read('thrift_server_latency_seconds_count', { ...series, thrift_success: 'true' }),
        ];
      });
      assert.deepEqual(await Promise.all(counts), [
        [1, 1],
        [1, 1],
        [1, 1],
      ]);
    },
  },
  {
    name: "decorators above another library's wrapper count every call, and those below it the calls that get through",
    async run() {
      const around = new Around();
      const answers = [around.sometimes(), around.sometimes(), around.sometimes()];
      assert.deepEqual(answers, [21, 21, 21]);
      const series = { thrift_service: 'Around', thrift_method: 'sometimes' };
      const success = { ...series, thrift_success: 'true' };
      assert.equal(await read('thrift_server_latency_seconds_count', success), 1);
      assert.equal(await read('thrift_server_requests_total', series), 3);
    },
  },
];

if (dialect === 'legacy') {
  class Flags {
    @Counted @untyped(frozen) @Timed call() {}
  }
  cases.push({
    name: 'flags that another decorator sets on the descriptor are kept',
    run() {
      const { value, ...flags } = Object.getOwnPropertyDescriptor(Flags.prototype, 'call') ?? {};
      assert.equal(typeof value, 'function');
      assert.deepEqual(flags, { writable: false, enumerable: true, configurable: false });
    },
  });
}

function frozen(_target: object, _key: string, descriptor: PropertyDescriptor) {
  Object.assign(descriptor, { writable: false, enumerable: true, configurable: false });
}

function sameShape(plain: object, decorated: object, key: string) {
  const { value: original, ...flags } = Object.getOwnPropertyDescriptor(plain, key) ?? {};
  const { value: wrapped, ...found } = Object.getOwnPropertyDescriptor(decorated, key) ?? {};
  assert.deepEqual(found, flags);
  assert.deepEqual(
    Object.getOwnPropertyDescriptors(wrapped),
    Object.getOwnPropertyDescriptors(original),
  );
  assert.equal(Object.getPrototypeOf(wrapped), Object.getPrototypeOf(original));
}

function frames() {
  Error.stackTraceLimit = 100;
  return new Error('only for its stack').stack?.split('\n').length ?? 0;
}
