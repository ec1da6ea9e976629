import assert from 'node:assert/strict';

import { Thrift } from 'thrift';
import { ErrorsCounted, ThriftService } from 'thrift-metrics';

import { helpOf, read, thrownBy, type Case } from './kit.js';

class NotFound extends Thrift.TException {}

const failure = new RangeError('as the method threw it');

@ThriftService('ErrorForms')
class ErrorForms {
  @ErrorsCounted bare(): void {
    throw failure;
  }
  @ErrorsCounted() called(): void {
    throw failure;
  }
  @ErrorsCounted('forms_errors_named_total') named(): void {
    throw failure;
  }
  @ErrorsCounted('forms_errors_both_total', { help: 'Errors by name and options' }) both(): void {
    throw failure;
  }
  @ErrorsCounted({ name: 'forms_errors_options_total', exceptions: [NotFound] }) options(): void {
    throw failure;
  }
  @ErrorsCounted static bareStatic(): void {
    throw failure;
  }
  @ErrorsCounted() static calledStatic(): void {
    throw failure;
  }
  @ErrorsCounted('forms_errors_static_total', { labels: { tier: 'tin' } })
  static bothStatic(): void {
    throw failure;
  }
}

const service = { thrift_service: 'ErrorForms' };
const forms = [
  ['bare', 'thrift_server_errors_total', {}],
  ['called', 'thrift_server_errors_total', {}],
  ['named', 'forms_errors_named_total', {}],
  ['both', 'forms_errors_both_total', {}],
  ['options', 'forms_errors_options_total', {}],
  ['bareStatic', 'thrift_server_errors_total', {}],
  ['calledStatic', 'thrift_server_errors_total', {}],
  ['bothStatic', 'forms_errors_static_total', { tier: 'tin' }],
] as const;

export const cases: Case[] = [
  ...forms.map(([method, sample, labels]): Case => ({
    name: `ErrorsCounted in the form "${method}" starts an undeclared Error at 0 and counts a failure by its type`,
    async run() {
      const series = { ...service, thrift_method: method, ...labels };
      assert.equal(await undeclared(sample, series, 'Error'), 0);
      assert.equal(
        thrownBy(() => call(method)),
        failure,
      );
      assert.equal(await undeclared(sample, series, 'Error'), 0);
      assert.equal(await undeclared(sample, series, 'RangeError'), 1);
    },
  })),
  {
    name: 'ErrorsCounted with a name and options uses the help of the options',
    async run() {
      assert.equal(await helpOf('forms_errors_both_total'), 'Errors by name and options');
    },
  },
  {
    name: 'ErrorsCounted starts a listed exception at 0 as declared',
    async run() {
      const series = { ...service, thrift_method: 'options', thrift_exception_type: 'NotFound' };
      assert.equal(
        await read('forms_errors_options_total', { ...series, thrift_exception_kind: 'declared' }),
        0,
      );
    },
  },
];

function undeclared(sample: string, series: Record<string, string>, type: string) {
  return read(sample, {
    ...series,
    thrift_exception_type: type,
    thrift_exception_kind: 'undeclared',
  });
}

function call(method: (typeof forms)[number][0]) {
  if (method === 'bareStatic' || method === 'calledStatic' || method === 'bothStatic') {
    ErrorForms[method]();
  } else {
    new ErrorForms()[method]();
  }
}
