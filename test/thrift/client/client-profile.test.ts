import { Registry } from 'prom-client';
import { expect, test } from 'vitest';

import { Runtime } from '../../../src/runtime/runtime';
import type { ClientLabels } from '../../../src/thrift/client/client-method-metrics';
import { clientMetricsOf } from '../../../src/thrift/client/client-metrics';
import type { ClientProfile } from '../../../src/thrift/client/client-profile';
import { errorOf } from '../../support/error-of';
import { samplesOf } from '../../support/value-of';

const NONE: ClientLabels = { constant: {}, names: [] };
const CONSTANT: ClientLabels = { constant: { tier: 'gold' }, names: [] };
const OF_CALL: ClientLabels = { constant: {}, names: ['tenant'] };

/** A runtime of its own, with the profiles of the clients in it. */
function start(): {
  runtime: Runtime;
  registry: Registry;
  profile(labels?: ClientLabels, name?: string, service?: string): ClientProfile;
} {
  const runtime = new Runtime();
  const registry = new Registry();
  runtime.settings.registry = registry;
  return {
    runtime,
    registry,
    profile: (labels = NONE, name = 'billing', service = 'Library') =>
      clientMetricsOf(runtime).profile(service, name, labels),
  };
}

/** The values of a metric by the values of one of its labels. */
async function valuesBy(
  registry: Registry,
  metric: string,
  label: string,
): Promise<Record<string, number>> {
  const samples = (await samplesOf(registry)).filter(({ name }) => name === metric);
  return Object.fromEntries(samples.map(({ labels, value }) => [String(labels[label]), value]));
}

test('clients share a profile only if their service, name and labels are the same', () => {
  const { profile } = start();
  const first = profile(CONSTANT);
  expect(profile({ constant: { tier: 'gold' }, names: [] })).toBe(first);
  for (const other of [
    profile(NONE),
    profile({ constant: { tier: 'silver' }, names: [] }),
    profile(OF_CALL),
    profile(CONSTANT, 'shipping'),
    profile(CONSTANT, 'billing', 'Shelf'),
  ]) {
    expect(other).not.toBe(first);
  }
});

test('clients with the same name share the metrics of connections', () => {
  const { profile } = start();
  const { connection } = profile(CONSTANT);
  expect(profile(OF_CALL, 'billing', 'Shelf').connection).toBe(connection);
  expect(profile(CONSTANT, 'shipping').connection).not.toBe(connection);
});

test('the metrics of a method are created once', () => {
  const profile = start().profile();
  const twice = profile.method('twice');
  expect(profile.method('twice')).toBe(twice);
  expect(profile.method('divide')).not.toBe(twice);
});

test('a method without metrics is not excluded', () => {
  expect(start().profile().excludes('unknown')).toBe(false);
});

test('faults of label functions, and recordings that a limit may drop, start at 0', async () => {
  const { registry, profile } = start();
  profile(OF_CALL);
  const sites = await valuesBy(registry, 'thrift_metrics_internal_errors_total', 'site');
  expect(sites).toEqual({ 'label:instrumentClient of Library:tenant': 0 });
  const dropped = await valuesBy(registry, 'thrift_metrics_dropped_series_total', 'metric');
  expect(dropped).toEqual({
    thrift_client_requests_total: 0,
    thrift_client_active_requests: 0,
    thrift_client_latency_seconds: 0,
    thrift_client_errors_total: 0,
    thrift_client_late_replies_total: 0,
  });
});

test('clients whose labels do not depend on the call have no series about such labels', async () => {
  const { registry, profile } = start();
  profile(NONE);
  profile(CONSTANT);
  const about = (await samplesOf(registry)).filter(
    ({ labels }) => labels['site'] ?? labels['metric'],
  );
  expect(about).toEqual([]);
});

test.each([
  ['constant', CONSTANT, 'tier'],
  ['of the call', OF_CALL, 'tenant'],
])('a built-in label cannot get the name of a label that is %s', (_, labels, name) => {
  const { runtime, profile } = start();
  profile(labels);
  const names = { mapping: { thrift_method: name } } as never;
  const { code, message } = errorOf(() => runtime.userLabels.checkNames(names, 'here'));
  expect(code).toBe('TM_ERR_LABEL_NAME');
  expect(message).toContain(`instrumentClient of Library sets a label '${name}'`);
});

test.each([
  ['no labels', NONE, false],
  ['a constant label', CONSTANT, true],
  ['a label that depends on the call', OF_CALL, true],
])('a profile knows whether its clients have labels: %s', (_, labels, hasLabels) => {
  expect(start().profile(labels).hasLabels).toBe(hasLabels);
});

test('results that count as failed start at 0 for every method, also for one that is found later', async () => {
  const { registry, profile } = start();
  const clients = profile();
  clients.method('twice');
  clients.addResultErrors();
  clients.method('divide');
  const failed = (await samplesOf(registry)).filter(
    ({ name, labels }) =>
      name === 'thrift_client_errors_total' && labels['thrift_exception_kind'] === 'result',
  );
  expect(failed.map(({ labels, value }) => [labels['thrift_method'], value])).toEqual([
    ['twice', 0],
    ['divide', 0],
  ]);
});

test('results that count as failed have no series at 0 if a label depends on the call', async () => {
  const { registry, profile } = start();
  const clients = profile(OF_CALL);
  clients.method('twice');
  clients.addResultErrors();
  const errors = (await samplesOf(registry)).filter(
    ({ name }) => name === 'thrift_client_errors_total',
  );
  expect(errors).toEqual([]);
});

test('the age of the oldest call has none of the labels of the client', async () => {
  const { registry, profile } = start();
  profile(CONSTANT).method('twice');
  const oldest = (await samplesOf(registry)).filter(
    ({ name }) => name === 'thrift_client_oldest_active_request_seconds',
  );
  expect(oldest.map(({ labels }) => labels)).toEqual([
    { thrift_service: 'Library', thrift_method: 'twice', thrift_client_name: 'billing' },
  ]);
});
