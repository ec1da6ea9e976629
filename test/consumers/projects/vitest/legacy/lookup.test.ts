import { register } from 'prom-client';
import { Counted } from 'thrift-metrics';
import { expect, test } from 'vitest';

// Only legacy decorators get a third argument.
let received: unknown[] = [];
const look = (...args: unknown[]): void => void (received = args);

class OldHandler {
  @Counted
  @(look as MethodDecorator)
  find(key: string): string {
    return `found ${key}`;
  }
}

test('legacy decorators compiled by Vite according to tsconfig.json count calls', async () => {
  expect(received).toHaveLength(3);
  expect(new OldHandler().find('known')).toBe('found known');
  expect(await register.metrics()).toContain(
    'thrift_server_requests_total{thrift_method="find",thrift_service="Old"} 1',
  );
});
