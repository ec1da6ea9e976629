import assert from 'node:assert/strict';

import { Instrumented, ThriftService } from 'thrift-metrics';

import { read, thrownBy, type Case } from './kit.js';

@ThriftService('InstrumentedForms')
class InstrumentedForms {
  @Instrumented bare(fail: boolean) {
    return answer(fail);
  }
  @Instrumented() called(fail: boolean) {
    return answer(fail);
  }
  @Instrumented({ labels: { tier: 'gold' } }) options(fail: boolean) {
    return answer(fail);
  }
  @Instrumented static bareStatic(fail: boolean) {
    return answer(fail);
  }
  @Instrumented({ counted: false, timed: { name: 'forms_instrumented_seconds' } })
  partly(fail: boolean) {
    return answer(fail);
  }
}

const failure = new TypeError('as the method threw it');

function answer(fail: boolean) {
  if (fail) throw failure;
  return 42;
}

const forms = [
  ['bare', {}],
  ['called', {}],
  ['options', { tier: 'gold' }],
  ['bareStatic', {}],
] as const;

export const cases: Case[] = [
  ...forms.map(([method, labels]): Case => ({
    name: `Instrumented on a method in the form "${method}" records all four metrics, starting at 0`,
    async run() {
      const call = (fail: boolean) =>
        method === 'bareStatic'
          ? InstrumentedForms.bareStatic(fail)
          : new InstrumentedForms()[method](fail);
      assert.deepEqual(await four(method, labels), [0, 0, 0, undefined, 0]);
      assert.equal(call(false), 42);
      assert.equal(
        thrownBy(() => call(true)),
        failure,
      );
      assert.deepEqual(await four(method, labels), [2, 1, 1, 1, 0]);
    },
  })),
  {
    name: 'Instrumented on a method leaves out a metric that is false and renames another',
    async run() {
      assert.equal(new InstrumentedForms().partly(false), 42);
      assert.deepEqual(await four('partly', {}), [undefined, undefined, undefined, undefined, 0]);
      const series = { thrift_service: 'InstrumentedForms', thrift_method: 'partly' };
      assert.equal(
        await read('forms_instrumented_seconds_count', { ...series, thrift_success: 'true' }),
        1,
      );
    },
  },
];

/** Requests, timed successes, timed failures, TypeErrors, calls in flight. */
async function four(method: string, labels: Record<string, string>) {
  const series = { thrift_service: 'InstrumentedForms', thrift_method: method, ...labels };
  const latency = 'thrift_server_latency_seconds_count';
  return [
    await read('thrift_server_requests_total', series),
    await read(latency, { ...series, thrift_success: 'true' }),
    await read(latency, { ...series, thrift_success: 'false' }),
    await read('thrift_server_errors_total', {
      ...series,
      thrift_exception_type: 'TypeError',
      thrift_exception_kind: 'undeclared',
    }),
    await read('thrift_server_active_requests', series),
  ];
}
