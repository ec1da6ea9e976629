import { Registry } from 'prom-client';
import { expect, test, vi } from 'vitest';

import { declarationsOf } from '../../../src/declaration/declarations';
import type { MethodDeclaration } from '../../../src/declaration/method';
import { Runtime } from '../../../src/runtime/runtime';
import type { InstrumentedClient } from '../../../src/thrift/client/instrumented-client';
import { ownNameOf } from '../../../src/thrift/client/own-name';
import { serviceMetricsOf } from '../../../src/thrift/service/method-metrics';

const unnamed = { isNamed: false, profile: { name: 'Library' } } as InstrumentedClient;

/** The name of a program with handlers and processors of these services. */
function nameWith(handlers: readonly string[], processors: readonly string[]): string | null {
  const runtime = new Runtime();
  runtime.settings.registry = new Registry();
  for (const service of handlers) {
    const declaration = { plan: { service } } as MethodDeclaration;
    declarationsOf(runtime).list(`method ${service}`, declaration);
    declarationsOf(runtime).list(`other method ${service}`, declaration);
  }
  for (const service of processors) serviceMetricsOf(runtime).method(service, 'find', 'call');
  return ownNameOf(runtime).of(unnamed);
}

test.each<[string, string[], string[], string | null]>([
  ['handlers of one service', ['Orders'], [], 'Orders'],
  ['handlers of two services', ['Orders', 'Stock'], [], null],
  ['a processor and handlers of one service', ['Orders'], ['Orders'], 'Orders'],
  ['a processor of another service than its handlers', ['Stock'], ['Orders'], null],
  ['nothing', [], [], null],
])('the name of a program that has %s', (_, handlers, processors, name) => {
  expect(nameWith(handlers, processors)).toBe(name);
});

test('the environment is read once, because reading it takes longer than a call may', () => {
  const env = { ...process.env };
  try {
    const name = ownNameOf(new Runtime());
    process.env['OTEL_SERVICE_NAME'] = 'first';
    expect(name.of(unnamed)).toBe('first');
    process.env['OTEL_SERVICE_NAME'] = 'second';
    expect(name.of(unnamed)).toBe('first');
  } finally {
    process.env = env;
  }
});

test('a missing name is reported as the error of the option callers', () => {
  const runtime = new Runtime();
  const onError = vi.fn<(error: unknown, site: string) => void>();
  runtime.settings.onError = onError;
  ownNameOf(runtime).reportMissing('Library');
  expect(onError.mock.calls).toEqual([
    [expect.objectContaining({ code: 'TM_ERR_CALLER_NAME' }), 'callers'],
  ]);
});
