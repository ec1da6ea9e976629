import assert from 'node:assert/strict';

import { Thrift } from 'thrift';
import { Counted, Instrumented, NotInstrumented } from 'thrift-metrics';

import { methodsOf, read, samplesOf, type Case } from './kit.js';
import { capture } from './others.js';

const REQUESTS = 'thrift_server_requests_total';

class InvalidOperation extends Thrift.TException {}

let beforeOurs: unknown;

@Instrumented
@capture((value) => (beforeOurs = value))
class BareClassHandler {
  field = 'a field';
  static created = 0;
  constructor() {
    BareClassHandler.created++;
  }
  get computed() {
    return 1;
  }
  first() {
    return this.field;
  }
  async second() {}
  @NotInstrumented helper() {}
  static third() {}
}

@Instrumented()
class CalledClassHandler {
  only() {}
}

@Instrumented({
  service: 'OptionsOfClass',
  exceptions: [InvalidOperation],
  buckets: [0.5, 60],
  labels: { tier: 'gold' },
  inFlight: false,
  counted: { name: 'class_options_requests_total' },
})
class WithOptions {
  only() {
    throw new InvalidOperation('declared');
  }
}

@Instrumented({ service: 'Overridden' })
class Overriding {
  @Counted('override_requests_total') renamed() {}
  @Counted same() {}
  @Counted({ labels: { tier: 'gold' } }) labelled() {}
  plain() {}
}

const untouched = Object.getOwnPropertyDescriptor(
  class {
    helper() {}
  }.prototype,
  'helper',
);

export const cases: Case[] = [
  {
    name: 'a bare Instrumented on a class measures every method and nothing else',
    async run() {
      const methods = ['first', 'second', 'third'];
      assert.deepEqual(await methodsOf(REQUESTS, 'BareClass'), methods);
      assert.deepEqual(await methodsOf('thrift_server_active_requests', 'BareClass'), methods);
      assert.equal(new BareClassHandler().first(), 'a field');
      assert.equal(await requests('BareClass', 'first'), 1);
    },
  },
  {
    name: 'Instrumented on a class returns the same class',
    run() {
      assert.equal(BareClassHandler, beforeOurs);
      assert.equal(BareClassHandler.name, 'BareClassHandler');
      const before = BareClassHandler.created;
      assert.ok(new BareClassHandler() instanceof BareClassHandler);
      assert.equal(BareClassHandler.created, before + 1);
    },
  },
  {
    name: 'NotInstrumented leaves a method unchanged and without series',
    async run() {
      const handler = new BareClassHandler();
      handler.helper();
      assert.equal(await requests('BareClass', 'helper'), undefined);
      assert.deepEqual(
        Reflect.ownKeys(Reflect.get(handler, 'helper') as object),
        Reflect.ownKeys(untouched?.value as object),
      );
    },
  },
  {
    name: 'Instrumented called without arguments on a class works like the bare form',
    async run() {
      assert.equal(await requests('CalledClass', 'only'), 0);
      new CalledClassHandler().only();
      assert.equal(await requests('CalledClass', 'only'), 1);
    },
  },
  {
    name: 'Instrumented on a class takes service, exceptions, buckets, labels and single metrics',
    async run() {
      const series = { thrift_service: 'OptionsOfClass', thrift_method: 'only', tier: 'gold' };
      const errors = () =>
        read('thrift_server_errors_total', {
          ...series,
          thrift_exception_type: 'InvalidOperation',
          thrift_exception_kind: 'declared',
        });
      assert.equal(await errors(), 0);
      assert.equal(await read('class_options_requests_total', series), 0);
      assert.throws(() => new WithOptions().only(), InvalidOperation);
      assert.equal(await errors(), 1);
      assert.equal(await read('class_options_requests_total', series), 1);
      const failures = { ...series, thrift_success: 'false' };
      assert.equal(
        await read('thrift_server_latency_seconds_bucket', { ...failures, le: '60' }),
        1,
      );
      assert.deepEqual(await samplesOf('OptionsOfClass'), [
        'class_options_requests_total',
        'thrift_server_errors_total',
        'thrift_server_event_loop_longest_seconds',
        'thrift_server_event_loop_seconds_total',
        'thrift_server_failed_requests_total',
        'thrift_server_latency_seconds_bucket',
        'thrift_server_latency_seconds_count',
        'thrift_server_latency_seconds_sum',
      ]);
    },
  },
  {
    name: 'a method decorator overrides the metric name of the class decorator',
    async run() {
      new Overriding().renamed();
      const series = { thrift_service: 'Overridden', thrift_method: 'renamed' };
      assert.equal(await read('override_requests_total', series), 1);
      assert.equal(await read(REQUESTS, series), undefined);
      assert.equal(await read('thrift_server_active_requests', series), 0);
    },
  },
  {
    name: 'a method decorator next to a class decorator does not count twice',
    async run() {
      new Overriding().same();
      new Overriding().plain();
      assert.equal(await requests('Overridden', 'same'), 1);
      assert.equal(await requests('Overridden', 'plain'), 1);
    },
  },
  {
    name: 'a method decorator overrides the labels of the class decorator',
    async run() {
      const series = { thrift_service: 'Overridden', thrift_method: 'labelled' };
      assert.equal(await read(REQUESTS, { ...series, tier: 'gold' }), 0);
      assert.equal(await read(REQUESTS, series), undefined);
      assert.equal(await read('thrift_server_active_requests', series), 0);
    },
  },
];

function requests(service: string, method: string) {
  return read(REQUESTS, { thrift_service: service, thrift_method: method });
}
