import { Registry } from 'prom-client';
import { beforeAll, expect, test } from 'vitest';

import { configureMetrics, instrumentHandler, resetMetrics } from '../../src/index';
import { valueOf } from '../support/value-of';

const registry = new Registry();
beforeAll(() => configureMetrics({ registry }));

/** Declares the same method of a service again, with labels and options of its own. */
function declare(
  service: string,
  labels: Record<string, string | typeof firstArgument>,
  options: { timed?: { buckets: number[] } } = {},
) {
  return instrumentHandler({ ask: (_region: string) => {} }, { service, labels, ...options });
}

function firstArgument({ args }: { args: readonly unknown[] }): string {
  return args[0] as string;
}

/** Fails if several series match. */
function requestsOf(service: string, labels: Record<string, string> = {}) {
  return valueOf(registry, 'thrift_server_requests_total', { thrift_service: service, ...labels });
}

test('a constant label and one of a call lead to one series if they differ only in lone surrogates', async () => {
  declare('Surrogates', { region: firstArgument }).ask('\ud800');
  declare('Surrogates', { region: '\udfff' }).ask('');
  expect(await requestsOf('Surrogates', { region: '\ufffd' })).toBe(2);
});

test('the series of a call is found if its constant label has another lone surrogate', async () => {
  declare('Zones', { zone: '\ud800', region: firstArgument }).ask('eu');
  declare('Zones', { zone: '\udfff', region: 'eu' }).ask('');
  expect(await requestsOf('Zones')).toBe(2);
});

test('a series that calls have created keeps counting after a declaration of it has failed', async () => {
  const handler = declare('Refused', { region: firstArgument }, { timed: { buckets: [1] } });
  handler.ask('eu');
  resetMetrics();
  // It takes over the series of the requests before it fails, and nothing has been counted since the reset.
  expect(() => declare('Refused', { region: 'eu' }, { timed: { buckets: [2] } })).toThrow(
    expect.objectContaining({ code: 'TM_ERR_SERIES_CONFLICT' }),
  );
  handler.ask('eu');
  expect(await requestsOf('Refused', { region: 'eu' })).toBe(1);
});
