import assert from 'node:assert/strict';

import { ThriftService, Timed } from 'thrift-metrics';

import { helpOf, read, type Case } from './kit.js';

@ThriftService('TimedForms')
class TimedForms {
  @Timed bare() {}
  @Timed() called() {}
  @Timed('forms_timed_named_seconds') named() {}
  @Timed('forms_timed_both_seconds', { help: 'Timed by name and options' }) both() {}
  @Timed({ name: 'forms_timed_options_seconds', labels: { tier: 'gold' }, buckets: [0.5, 60] })
  options() {}
  @Timed static bareStatic() {}
  @Timed() static calledStatic() {}
  @Timed('forms_timed_static_seconds', { labels: { tier: 'tin' } }) static bothStatic() {}
}

const service = { thrift_service: 'TimedForms' };
const forms = [
  ['bare', 'thrift_server_latency_seconds', {}],
  ['called', 'thrift_server_latency_seconds', {}],
  ['named', 'forms_timed_named_seconds', {}],
  ['both', 'forms_timed_both_seconds', {}],
  ['options', 'forms_timed_options_seconds', { tier: 'gold' }],
  ['bareStatic', 'thrift_server_latency_seconds', {}],
  ['calledStatic', 'thrift_server_latency_seconds', {}],
  ['bothStatic', 'forms_timed_static_seconds', { tier: 'tin' }],
] as const;

export const cases: Case[] = [
  ...forms.map(([method, family, labels]): Case => ({
    name: `Timed in the form "${method}" is 0 for both outcomes at definition and observes a success once`,
    async run() {
      const count = (thrift_success: string) =>
        read(`${family}_count`, { ...service, thrift_method: method, thrift_success, ...labels });
      assert.deepEqual([await count('true'), await count('false')], [0, 0]);
      call(method);
      assert.deepEqual([await count('true'), await count('false')], [1, 0]);
    },
  })),
  {
    name: 'Timed with a name and options uses the help of the options',
    async run() {
      assert.equal(await helpOf('forms_timed_both_seconds'), 'Timed by name and options');
    },
  },
  {
    name: 'Timed with options has the buckets of the options and no others',
    async run() {
      const series = {
        ...service,
        thrift_method: 'options',
        thrift_success: 'false',
        tier: 'gold',
      };
      const buckets = ['0.5', '60', '+Inf', '0.001'].map((le) =>
        read('forms_timed_options_seconds_bucket', { ...series, le }),
      );
      assert.deepEqual(await Promise.all(buckets), [0, 0, 0, undefined]);
    },
  },
];

function call(method: (typeof forms)[number][0]) {
  if (method === 'bareStatic' || method === 'calledStatic' || method === 'bothStatic') {
    TimedForms[method]();
  } else {
    new TimedForms()[method]();
  }
}
