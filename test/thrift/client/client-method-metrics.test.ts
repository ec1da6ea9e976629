import { register } from 'prom-client';
import { afterEach, expect, test, vi } from 'vitest';

import {
  configureMetrics,
  instrumentClient,
  type InstrumentClientOptions,
} from '../../../src/index';
import { samplesOf } from '../../support/value-of';
import { countsOf, SUCCEEDED } from './client-counts';
import { Library, type AnyClient } from './library';
import { Loopback } from './loopback';
import { clientOf } from './transports';

afterEach(() => configureMetrics({ rules: [], maxSeriesPerMetric: 2000 }));

let clients = 0;
const nextName = (): string => `methods-${clients++}`;

function start(options: InstrumentClientOptions): { client: AnyClient; connection: Loopback } {
  const connection = new Loopback(Library);
  const client = instrumentClient(clientOf(connection, Library), { ...options, connection });
  return { client, connection };
}

/** The values of a metric of a client that are not 0, by the values of one label. */
async function valuesBy(name: string, metric: string, label: string): Promise<object> {
  const samples = (await samplesOf(register)).filter(
    (sample) =>
      sample.name === metric && sample.labels['thrift_client_name'] === name && sample.value !== 0,
  );
  return Object.fromEntries(samples.map(({ labels, value }) => [String(labels[label]), value]));
}

test('calls of an excluded method are not observed until it is included again', async () => {
  configureMetrics({ rules: [{ match: { service: 'Library', method: 'twice' }, exclude: true }] });
  const name = nextName();
  const failed = vi.fn(() => false);
  const { client } = start({ name, failed });
  await client['twice']?.(1);
  expect(failed).not.toHaveBeenCalled();
  await client['ping']?.();
  expect(failed).toHaveBeenCalledTimes(1);

  configureMetrics({ rules: [] });
  await client['twice']?.(2);
  expect(failed).toHaveBeenCalledTimes(2);
  expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);

  configureMetrics({ rules: [{ match: { method: 'ping' }, exclude: true }] });
  await client['ping']?.();
  expect(failed).toHaveBeenCalledTimes(2);
});

test('the calls of another service are observed although a method of that name is excluded', async () => {
  configureMetrics({ rules: [{ match: { service: 'Shelf', method: 'twice' }, exclude: true }] });
  const name = nextName();
  const failed = vi.fn(() => false);
  await start({ name, failed }).client['twice']?.(1);
  expect(failed).toHaveBeenCalledTimes(1);
  expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);
});

test('a rule that excludes one metric of a method leaves its other metrics', async () => {
  const match = { metric: 'thrift_client_errors_total', method: 'twice' };
  configureMetrics({ rules: [{ match, exclude: true }] });
  const name = nextName();
  await start({ name }).client['twice']?.(1);
  expect(await countsOf(name, 'twice')).toEqual(SUCCEEDED);
});

test('clients that share their labels are all observed again when their method is included', async () => {
  configureMetrics({ rules: [{ match: { method: 'twice' }, exclude: true }] });
  const name = nextName();
  const options = { name, labels: { tier: 'gold' } };
  const { client: first } = start(options);
  const { client: second } = start(options);
  configureMetrics({ rules: [] });
  await first['twice']?.(1);
  await second['twice']?.(1);
  expect(await countsOf(name, 'twice')).toEqual({ ...SUCCEEDED, requests: 2, succeeded: 2 });
});

/** Makes calls of `clamp` that time out, and answers them then. The first argument is the value of the label `tenant`. */
async function answerLate(
  { client, connection }: { client: AnyClient; connection: Loopback },
  tenants: readonly number[],
): Promise<void> {
  const calls = tenants.map((tenant) => client['clamp']?.(tenant, 0, 9));
  connection.emit('timeout');
  for (const answer of connection.handler.held.splice(0)) answer(null, 5);
  expect(await Promise.all(calls)).toEqual(tenants.map(() => 5));
}

const byTenant: InstrumentClientOptions['labels'] = {
  tenant: ({ args: [tenant] }) => String(tenant),
};

test('late replies are counted by the labels of their calls', async () => {
  const name = nextName();
  await answerLate(start({ name, labels: byTenant }), [1, 2, 2]);
  expect(await valuesBy(name, 'thrift_client_late_replies_total', 'tenant')).toEqual({
    1: 1,
    2: 2,
  });
});

test('late replies are counted with the constant labels of the client', async () => {
  const name = nextName();
  await answerLate(start({ name, labels: { tier: 'gold' } }), [1, 2]);
  expect(await valuesBy(name, 'thrift_client_late_replies_total', 'tier')).toEqual({ gold: 2 });
});

test.each([
  ['thrift_client_late_replies_total', 'tenant', { _other: 2, 1: 2 }],
  ['thrift_client_errors_total', 'tenant', { _other: 2, 1: 2 }],
])(
  'a label value past the limit of %s gets its own series once the limit is raised',
  async (metric, label, expected) => {
    const name = nextName();
    const running = start({ name, labels: byTenant });
    configureMetrics({ maxSeriesPerMetric: 1, onError: () => {} });
    await answerLate(running, [1, 1]);
    configureMetrics({ maxSeriesPerMetric: 2000 });
    await answerLate(running, [1, 1]);
    expect(await valuesBy(name, metric, label)).toEqual(expected);
  },
);

test('errors are counted by kind, type and the labels of their calls', async () => {
  const name = nextName();
  const { client } = start({ name, labels: { ...byTenant, tier: 'gold' } });
  await client['twice']?.(-1).catch(() => {});
  await client['divide']?.(-1, 0).catch(() => {});
  await client['divide']?.(2, 0).catch(() => {});
  const errors = (await samplesOf(register)).filter(
    (sample) =>
      sample.name === 'thrift_client_errors_total' && sample.labels['thrift_client_name'] === name,
  );
  const own = { thrift_service: 'Library', thrift_client_name: name, tier: 'gold' };
  const application = {
    ...own,
    thrift_method: 'divide',
    thrift_exception_kind: 'application',
    thrift_exception_type: 'TApplicationException',
  };
  expect(errors.map(({ labels, value }) => ({ labels, value }))).toEqual(
    expect.arrayContaining([
      {
        labels: {
          ...own,
          thrift_method: 'twice',
          thrift_exception_kind: 'declared',
          thrift_exception_type: 'Refused',
          tenant: '-1',
        },
        value: 1,
      },
      { labels: { ...application, tenant: '-1' }, value: 1 },
      { labels: { ...application, tenant: '2' }, value: 1 },
    ]),
  );
  expect(errors).toHaveLength(3);
});
