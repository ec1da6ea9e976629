import { register } from 'prom-client';

import { FailingHandler, LookupHandler, NotFound } from './lookup';

test('standard decorators compiled by swc count calls', async () => {
  await expect(new LookupHandler().find('known')).resolves.toBe('found known');
  expect(await register.metrics()).toContain(
    'thrift_server_requests_total{thrift_method="find",thrift_service="Lookup"} 1',
  );
});

test('a declared exception of the newest Thrift is distinguished from other errors', async () => {
  expect(() => new FailingHandler().declared()).toThrow(NotFound);
  expect(() => new FailingHandler().undeclared()).toThrow(TypeError);
  const text = await register.metrics();
  for (const [method, type, kind] of [
    ['declared', 'NotFound', 'declared'],
    ['undeclared', 'TypeError', 'undeclared'],
  ]) {
    expect(text).toContain(
      `thrift_server_errors_total{thrift_exception_kind="${kind}",thrift_exception_type="${type}",thrift_method="${method}",thrift_service="Failing"} 1`,
    );
  }
});
