import assert from 'node:assert/strict';

import { Thrift } from 'thrift';
import {
  Counted,
  ErrorsCounted,
  InFlight,
  Instrumented,
  ThriftService,
  Timed,
} from 'thrift-metrics';

import { dialect } from './dialect.js';
import { familyNames, read, refusal, type Case } from './kit.js';

const FOUR = [
  'registration_active',
  'registration_errors_total',
  'registration_latency_seconds',
  'registration_requests_total',
];

class Rejected extends Thrift.TException {}

export const cases: Case[] = [
  {
    name: 'a class with a class decorator has all its series at 0 as soon as it is defined',
    async run() {
      @Instrumented({ exceptions: [Rejected] })
      class AtOnceHandler {
        call() {}
      }
      const series = { thrift_service: 'AtOnce', thrift_method: 'call' };
      const latency = { ...series, thrift_success: 'true' };
      const errors = 'thrift_server_errors_total';
      assert.deepEqual(
        [
          await read('thrift_server_requests_total', series),
          await read('thrift_server_latency_seconds_count', latency),
          await read('thrift_server_latency_seconds_sum', latency),
          await read('thrift_server_latency_seconds_bucket', { ...latency, le: '+Inf' }),
          await read('thrift_server_active_requests', series),
          await read(errors, {
            ...series,
            thrift_exception_type: 'Error',
            thrift_exception_kind: 'undeclared',
          }),
          await read(errors, {
            ...series,
            thrift_exception_type: 'Rejected',
            thrift_exception_kind: 'declared',
          }),
        ],
        [0, 0, 0, 0, 0, 0, 0],
      );
      assert.equal(typeof AtOnceHandler, 'function');
    },
  },
  {
    name: 'without a class decorator, families exist at definition and series as soon as the dialect allows',
    async run() {
      class UnnamedHandler {
        @Counted('registration_requests_total')
        @Timed('registration_latency_seconds')
        @ErrorsCounted('registration_errors_total')
        @InFlight('registration_active')
        call() {}
      }
      const families = await familyNames();
      assert.deepEqual(
        FOUR.filter((name) => !families.includes(name)),
        [],
      );
      const series = { thrift_service: 'Unnamed', thrift_method: 'call' };
      const requests = () => read('registration_requests_total', series);
      assert.equal(await requests(), dialect === 'legacy' ? 0 : undefined);
      const handler = new UnnamedHandler();
      assert.equal(await requests(), 0);
      handler.call();
      assert.equal(await requests(), 1);
    },
  },
  {
    name: 'without a class decorator, a static method has its series by its first call',
    async run() {
      // oxlint-disable-next-line typescript/no-extraneous-class -- statics are what this is about
      class StaticsHandler {
        @Counted static call() {}
      }
      const series = { thrift_service: 'Statics', thrift_method: 'call' };
      StaticsHandler.call();
      assert.equal(await read('thrift_server_requests_total', series), 1);
    },
  },
  {
    name: 'without a class decorator, a method that is called without an instance being constructed is counted',
    async run() {
      class UnbuiltHandler {
        @Counted call(this: unknown) {
          return this;
        }
      }
      const borrower = Object.create(UnbuiltHandler.prototype) as UnbuiltHandler;
      assert.equal(borrower.call(), borrower);
      const series = { thrift_service: 'Unbuilt', thrift_method: 'call' };
      assert.equal(await read('thrift_server_requests_total', series), 1);
    },
  },
  {
    name: 'declaring a class again continues with the same families and series',
    async run() {
      const [first, second] = [reloaded(), reloaded()];
      first.call();
      second.call();
      assert.equal(
        await read('thrift_server_requests_total', {
          thrift_service: 'Reloaded',
          thrift_method: 'call',
        }),
        2,
      );
    },
  },
  {
    name: 'a metric name declared again with another type is rejected by an error that names both locations',
    async run() {
      @ThriftService('ConflictOne')
      class ConflictOne {
        @Counted('registration_conflict_total') alpha() {}
      }
      assert.equal(typeof ConflictOne, 'function');
      const error = refusal(() => {
        @ThriftService('ConflictTwo')
        class ConflictTwo {
          @InFlight('registration_conflict_total') beta() {}
        }
        return ConflictTwo;
      });
      assert.match(error.message, /alpha/);
      assert.match(error.message, /beta/);
    },
  },
  {
    name: 'a series declared again with other buckets is rejected by an error that names its location',
    async run() {
      withBuckets([1, 2]);
      assert.match(refusal(() => withBuckets([1, 3])).message, /BucketConflict.*gamma/s);
    },
  },
  {
    name: 'two methods of one family may have different labels and buckets',
    async run() {
      @ThriftService('Mixed')
      class Mixed {
        @Timed({ labels: { tier: 'gold' }, buckets: [1, 2] }) delta() {}
        @Timed({ buckets: [3] }) epsilon() {}
      }
      new Mixed().delta();
      const success = { thrift_service: 'Mixed', thrift_success: 'true' };
      const bucket = (labels: Record<string, string>) =>
        read('thrift_server_latency_seconds_bucket', { ...success, ...labels });
      assert.equal(await bucket({ thrift_method: 'delta', tier: 'gold', le: '2' }), 1);
      assert.equal(await bucket({ thrift_method: 'epsilon', le: '3' }), 0);
      assert.equal(await bucket({ thrift_method: 'epsilon', le: '2' }), undefined);
    },
  },
];

function reloaded() {
  @ThriftService('Reloaded')
  class Reloaded {
    @Counted call() {}
  }
  return new Reloaded();
}

function withBuckets(buckets: number[]) {
  @ThriftService('BucketConflict')
  class BucketConflict {
    @Timed({ name: 'registration_buckets_seconds', buckets }) gamma() {}
  }
  return BucketConflict;
}
