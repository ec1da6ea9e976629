'use strict';
const { valueOf } = require('./value-of');

const REQUESTS = 'thrift_server_requests_total';
const FIND = { thrift_service: 'Lookup', thrift_method: 'find' };

beforeEach(() => jest.resetModules());

// The same file is declared anew in each test, as it is with every test file of a real project.
for (const calls of [1, 2]) {
  test(`a decorated class declared for the ${calls}. time counts on`, async () => {
    const { Lookup } = require('./lookup');
    await expect(new Lookup().find('known')).resolves.toBe('found known');
    expect(valueOf(await rendered(), REQUESTS, FIND)).toBe(calls);
  });
}

for (const calls of [1, 2]) {
  test(`a handler instrumented for the ${calls}. time counts on`, async () => {
    const { instrumentHandler } = require('thrift-metrics');
    const handler = instrumentHandler({ add: (a, b) => a + b }, { service: 'Plain' });
    expect(handler.add(1, 2)).toBe(3);
    const add = { thrift_service: 'Plain', thrift_method: 'add' };
    expect(valueOf(await rendered(), REQUESTS, add)).toBe(calls);
  });
}

test('a declared exception of Thrift is told from other errors', async () => {
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

test('with resetMetrics each test starts at 0', async () => {
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
