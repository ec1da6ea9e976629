import { once } from 'node:events';
import type { Server } from 'node:net';

import { register } from 'prom-client';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';

import {
  configureMetrics,
  instrumentClient,
  instrumentHandler,
  instrumentServer,
  instrumentService,
  resetMetrics,
} from '../../../src/index';
import { listen } from '../../support/listen';
import { thrift } from '../../support/start-thrift';
import { samplesOf } from '../../support/value-of';
import { type AnyClient, Answers, Library } from './library';

beforeEach(() => resetMetrics());
afterEach(() => configureMetrics({ rules: [] }));

/** A measured server with a measured client of it. */
async function start(): Promise<AnyClient> {
  const handler = instrumentHandler(new Answers(), { service: 'Library' });
  const server = instrumentServer(
    thrift.createServer(instrumentService(Library), handler) as Server,
  );
  const { port, close } = await listen(server);
  const connection = thrift.createConnection('127.0.0.1', port, {});
  onTestFinished(async () => {
    connection.destroy();
    await close();
  });
  await once(connection, 'connect');
  const client = thrift.createClient<AnyClient>(Library as never, connection);
  return instrumentClient(client, { name: 'reader' });
}

/** The names of the metrics of a method that are not 0, except for gauges and sums. */
async function countedOf(method: string): Promise<string[]> {
  const samples = await samplesOf(register);
  const own = samples.filter(({ labels }) => labels['thrift_method'] === method);
  const counted = own.filter(({ name, value }) => /(_total|_count)$/.test(name) && value !== 0);
  return [...new Set(counted.map(({ name }) => name))].toSorted();
}

const EVERYTHING = [
  'thrift_client_latency_seconds_count',
  'thrift_client_requests_total',
  'thrift_server_event_loop_seconds_total',
  'thrift_server_latency_seconds_count',
  'thrift_server_messages_total',
  'thrift_server_queue_seconds_count',
  'thrift_server_request_decode_seconds_count',
  'thrift_server_request_size_bytes_count',
  'thrift_server_requests_total',
  'thrift_server_response_size_bytes_count',
  'thrift_server_response_write_seconds_count',
];

test('an excluded method is in no metric of the handler, the processor and the client', async () => {
  configureMetrics({ rules: [{ match: { method: 'ping' }, exclude: true }] });
  const client = await start();
  await client['ping']?.();
  expect(await client['twice']?.(2)).toBe(4);
  await expect(client['divide']?.(1, 0)).rejects.toThrow('by zero');

  expect(await countedOf('twice')).toEqual(EVERYTHING);
  const samples = await samplesOf(register);
  expect(samples.filter(({ labels }) => labels['thrift_method'] === 'ping')).toEqual([]);
  const connections = samples.find(({ name }) => name === 'thrift_server_connections_total');
  expect(connections?.value).toBe(1);
});

test('methods are excluded and included again while a client is connected', async () => {
  const client = await start();
  await client['ping']?.();
  configureMetrics({ rules: [{ match: { method: 'ping' }, exclude: true }] });
  await client['ping']?.();
  await client['twice']?.(1);
  configureMetrics({ rules: [] });
  expect(await countedOf('ping')).toEqual([]);
  expect(await countedOf('twice')).toEqual(EVERYTHING);
  await client['ping']?.();
  expect(await countedOf('ping')).toEqual(EVERYTHING);
  const samples = await samplesOf(register);
  const active = samples.filter(
    ({ name, labels }) =>
      /active_(requests|messages)$/.test(name) && labels['thrift_method'] === 'ping',
  );
  expect(active.map(({ value }) => value)).toEqual([0, 0, 0]);
});

test('rules without a metric leave the buckets of sizes as they are', async () => {
  configureMetrics({
    rules: [
      { match: { metric: '*_response_size_bytes' }, buckets: [100] },
      { match: { service: 'Library' }, buckets: [0.5] },
    ],
  });
  const client = await start();
  await client['twice']?.(1);
  const samples = await samplesOf(register);
  const bounds = (metric: string): unknown[] => [
    ...new Set(
      samples
        .filter(
          ({ name, labels }) => name === `${metric}_bucket` && labels['thrift_method'] === 'twice',
        )
        .map(({ labels }) => labels['le']),
    ),
  ];
  expect(bounds('thrift_server_response_size_bytes')).toEqual([100, '+Inf']);
  expect(bounds('thrift_server_request_size_bytes')).toHaveLength(21);
  expect(bounds('thrift_client_latency_seconds')).toEqual([0.5, '+Inf']);
});
