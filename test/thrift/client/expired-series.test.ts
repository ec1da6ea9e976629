import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { configureMetrics, instrumentClient } from '../../../src/index';
import { expireSeries } from '../../support/expire-series';
import { samplesOf } from '../../support/value-of';
import { Answers, Library } from './library';
import { Loopback } from './loopback';
import { clientOf, startTcp } from './transports';

vi.mock('../../../src/metrics/clock', () => import('../../support/fakeable-clock.js'));

let registry: Registry;
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
  registry = new Registry();
  // The test sweeps by itself, because sockets need real timers.
  configureMetrics({ registry, expireAfter: 3600, onError: () => {} });
});
afterEach(() => {
  configureMetrics({ expireAfter: null });
  vi.useRealTimers();
});

/** The values of the metrics of a client by tenant, of calls with each outcome, without those that are 0. */
async function ofClient(clientName: string): Promise<Record<string, number>> {
  const samples = (await samplesOf(registry)).filter(
    ({ name, labels, value }) =>
      labels['thrift_client_name'] === clientName &&
      labels['tenant'] !== undefined &&
      value !== 0 &&
      !/_bucket$|_sum$/.test(name),
  );
  const sums: Record<string, number> = {};
  for (const { name, labels, value } of samples) {
    const key = `${name.replace('thrift_client_', '')} ${labels['tenant']}`;
    sums[key] = (sums[key] ?? 0) + value;
  }
  return sums;
}

test('the series of a client leave and return, also those of calls that last longer', async () => {
  const answers = new Answers();
  const { connect } = await startTcp(Library, answers);
  const client = instrumentClient(clientOf(connect(), Library), {
    name: 'expiring',
    labels: { tenant: ({ args: [number] }) => String(number) },
  });
  await client.twice?.(1);
  await client.twice?.(-1).catch(() => {});
  const arrival = answers.arrival();
  const slow = client.clamp?.(1, 2, 3) as Promise<unknown>;
  const failing = client.clamp?.(1, 2, 3) as Promise<unknown>;
  await arrival;
  await vi.waitFor(() => expect(answers.held).toHaveLength(2));
  expect(await ofClient('expiring')).toEqual({
    'requests_total 1': 3,
    'requests_total -1': 1,
    'active_requests 1': 2,
    'latency_seconds_count 1': 1,
    'latency_seconds_count -1': 1,
    'errors_total -1': 1,
  });
  await expireSeries();
  expect(await ofClient('expiring')).toEqual({ 'active_requests 1': 2 });
  answers.held[0]?.(null, 2);
  await slow;
  await expireSeries();
  expect(await ofClient('expiring')).toEqual({ 'active_requests 1': 1 });
  answers.held[1]?.(new Error('x'));
  await failing.catch(() => {});
  await client.twice?.(1);
  expect(await ofClient('expiring')).toEqual({
    'requests_total 1': 1,
    'latency_seconds_count 1': 2,
    'errors_total 1': 1,
  });
  for (const number of [-1, -1, 1]) await client.twice?.(number).catch(() => {});
  expect(await ofClient('expiring')).toEqual({
    'requests_total 1': 2,
    'requests_total -1': 2,
    'latency_seconds_count 1': 3,
    'latency_seconds_count -1': 2,
    'errors_total 1': 1,
    'errors_total -1': 2,
  });
});

test('the errors of a client that are known before the first call stay', async () => {
  const { connect } = await startTcp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name: 'known-errors' });
  const errors = async (): Promise<Record<string, number>> => {
    const samples = (await samplesOf(registry)).filter(
      ({ name, labels, value }) =>
        name === 'thrift_client_errors_total' &&
        labels['thrift_client_name'] === 'known-errors' &&
        value > 0,
    );
    return Object.fromEntries(
      samples.map(({ labels, value }) => [String(labels['thrift_exception_type']), value]),
    );
  };
  const fail = async (): Promise<void> => {
    await client.divide?.(1, 0).catch(() => {});
    await client.twice?.(-1).catch(() => {});
  };
  await fail();
  const before = await errors();
  expect(Object.keys(before)).toContain('Refused');
  await expireSeries();
  expect(Object.keys(await errors())).not.toContain('Refused');
  await fail();
  await fail();
  expect(await errors()).toMatchObject({ Refused: 2 });
});

test('the series of late replies leave and return', async () => {
  const connection = new Loopback(Library);
  const client = instrumentClient(clientOf(connection, Library), {
    name: 'late',
    labels: { tenant: ({ args: [tenant] }) => String(tenant) },
    connection,
  });
  const answerLate = async (): Promise<void> => {
    const call = client['clamp']?.(1, 2, 3) as Promise<number>;
    connection.emit('timeout');
    connection.handler.held.shift()?.(null, 2);
    await call;
  };
  const lateReplies = async (): Promise<number | undefined> =>
    (await ofClient('late'))['late_replies_total 1'];
  await answerLate();
  await answerLate();
  expect(await lateReplies()).toBe(2);
  await expireSeries();
  expect(await lateReplies()).toBeUndefined();
  await answerLate();
  expect(await lateReplies()).toBe(1);
});
