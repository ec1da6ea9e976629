import assert from 'node:assert/strict';

import { Counted, ThriftService } from 'thrift-metrics';

import { helpOf, read, type Case } from './kit.js';

@ThriftService('CountedForms')
class CountedForms {
  @Counted bare() {}
  @Counted() called() {}
  @Counted('forms_counted_named_total') named() {}
  @Counted('forms_counted_both_total', { help: 'Counted by name and options' }) both() {}
  @Counted({ name: 'forms_counted_options_total', labels: { tier: 'gold' } }) options() {}
  @Counted static bareStatic() {}
  @Counted() static calledStatic() {}
  @Counted('forms_counted_static_total', { labels: { tier: 'tin' } }) static bothStatic() {}
}

const service = { thrift_service: 'CountedForms' };
const forms = [
  ['bare', 'thrift_server_requests_total', {}],
  ['called', 'thrift_server_requests_total', {}],
  ['named', 'forms_counted_named_total', {}],
  ['both', 'forms_counted_both_total', {}],
  ['options', 'forms_counted_options_total', { tier: 'gold' }],
  ['bareStatic', 'thrift_server_requests_total', {}],
  ['calledStatic', 'thrift_server_requests_total', {}],
  ['bothStatic', 'forms_counted_static_total', { tier: 'tin' }],
] as const;

export const cases: Case[] = [
  ...forms.map(([method, sample, labels]): Case => ({
    name: `Counted in the form "${method}" is 0 at definition and 1 after a call`,
    async run() {
      const series = { ...service, thrift_method: method, ...labels };
      assert.equal(await read(sample, series), 0);
      call(method);
      assert.equal(await read(sample, series), 1);
    },
  })),
  {
    name: 'Counted with a name and options uses the help of the options',
    async run() {
      assert.equal(await helpOf('forms_counted_both_total'), 'Counted by name and options');
    },
  },
];

function call(method: (typeof forms)[number][0]) {
  if (method === 'bareStatic' || method === 'calledStatic' || method === 'bothStatic') {
    CountedForms[method]();
  } else {
    new CountedForms()[method]();
  }
}
