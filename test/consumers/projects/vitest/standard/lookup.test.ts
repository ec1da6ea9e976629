import { register } from 'prom-client';
import { renderMetrics, resetMetrics } from 'thrift-metrics';
import { beforeEach, expect, test, vi } from 'vitest';

import { FailingHandler, LookupHandler, NotFound } from './lookup';

const FIND = '{thrift_method="find",thrift_service="Lookup"}';

beforeEach(() => vi.resetModules());

// Each test evaluates the same file again, as every test file of a real project does.
for (const calls of [1, 2]) {
  test(`load ${calls} of standard decorators compiled by Vite continues the count`, async () => {
    const { LookupHandler: Reloaded } = await import('./lookup');
    await expect(new Reloaded().find('known')).resolves.toBe('found known');
    const line = `thrift_server_requests_total${FIND} ${calls}`;
    expect((await renderMetrics()).body.toString().split('\n')).toContain(line);
    expect((await register.metrics()).split('\n')).toContain(line);
  });
}

test('a declared Thrift exception is distinguished from other errors', async () => {
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

test('resetMetrics lets each test start at 0', async () => {
  await new LookupHandler().find('known');
  resetMetrics();
  expect(await register.metrics()).toContain(`thrift_server_requests_total${FIND} 0`);
});
