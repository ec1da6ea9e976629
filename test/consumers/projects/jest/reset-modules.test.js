'use strict';
const { valueOf } = require('./value-of');

const REQUESTS = 'thrift_server_requests_total';
const FIND = { thrift_service: 'Lookup', thrift_method: 'find' };

beforeEach(() => jest.resetModules());

// Each test evaluates the same file again, as every test file of a real project does.
for (const calls of [1, 2]) {
  test(`declaration ${calls} of a decorated class continues the count`, async () => {
    const { Lookup } = require('./lookup');
    await expect(new Lookup().find('known')).resolves.toBe('found known');
    expect(valueOf(await rendered(), REQUESTS, FIND)).toBe(calls);
  });
}

for (const calls of [1, 2]) {
  test(`instrumentation ${calls} of a handler continues the count`, async () => {
    const { instrumentHandler } = require('thrift-metrics');
    const handler = instrumentHandler({ add: (a, b) => a + b }, { service: 'Plain' });
    expect(handler.add(1, 2)).toBe(3);
    const add = { thrift_service: 'Plain', thrift_method: 'add' };
    expect(valueOf(await rendered(), REQUESTS, add)).toBe(calls);
  });
}

test('a declared Thrift exception is distinguished from other errors', async () => {
  const { instrumentHandler } = require('thrift-metrics');
  const { Thrift } = require('thrift');
  class NotFound extends Thrift.TException {}
  const handler = instrumentHandler(
    {
      declared() {
        throw new NotFound('no such thing');
      },
      undeclared() {
        throw new TypeError('not declared');
      },
    },
    { service: 'Failing' },
  );
  expect(() => handler.declared()).toThrow(NotFound);
  expect(() => handler.undeclared()).toThrow(TypeError);
  const text = await rendered();
  const counted = (type, kind) =>
    valueOf(text, 'thrift_server_errors_total', {
      thrift_service: 'Failing',
      thrift_exception_type: type,
      thrift_exception_kind: kind,
    });
  expect(counted('NotFound', 'declared')).toBe(1);
  expect(counted('TypeError', 'undeclared')).toBe(1);
});

test('resetMetrics lets each test start at 0', async () => {
  const { Lookup } = require('./lookup');
  const { resetMetrics } = require('thrift-metrics');
  await new Lookup().find('known');
  resetMetrics();
  expect(valueOf(await rendered(), REQUESTS, FIND)).toBe(0);
});

async function rendered() {
  const { renderMetrics } = require('thrift-metrics');
  return (await renderMetrics()).body.toString();
}
