import { register } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';

import {
  configureMetrics,
  instrumentService,
  type MetricRule,
  resetMetrics,
} from '../../../src/index';
import { samplesOf } from '../../support/value-of';
import { loadEs6 } from '../generated';
import { serve } from './serve';
import { BINARY_FRAMED, encode, REPLY } from './wire';

const handler = {
  ping: (answer: (error: null) => void) => answer(null),
  clear: (answer: (error: null) => void) => answer(null),
};

beforeEach(() => {
  configureMetrics({ rules: [] });
  resetMetrics();
});
afterEach(() => configureMetrics({ rules: [] }));

/** Calls both methods under rules. Returns what was counted of each, such as `ping messages`. */
async function countedUnder(...rules: MetricRule[]): Promise<string[]> {
  const { connect } = await serve(instrumentService(loadEs6().service), handler, BINARY_FRAMED);
  const client = await connect();
  configureMetrics({ rules });
  const methods = ['ping', 'clear'];
  for (const name of methods) await client.deliver(encode(BINARY_FRAMED, { name }));
  expect(await client.replies(2)).toEqual(methods.map((name) => ({ name, type: REPLY, seqid: 1 })));
  return counted();
}

async function counted(): Promise<string[]> {
  const samples = await samplesOf(register);
  return samples
    .filter(({ labels, value }) => labels['thrift_service'] === 'Library' && value !== 0)
    .filter(({ name }) => /_(messages_total|request_size_bytes_count)$/.test(name))
    .map(({ name, labels }) => `${labels['thrift_method']} ${name.split('_')[2]}`)
    .toSorted();
}

test('the messages of a method whose metrics are all excluded are answered and not measured', async () => {
  expect(await countedUnder({ match: { method: 'ping' }, exclude: true })).toEqual([
    'clear messages',
    'clear request',
  ]);
});

test('a rule about the methods of another service excludes nothing', async () => {
  expect(
    await countedUnder({ match: { service: 'Other', method: 'ping' }, exclude: true }),
  ).toEqual(['clear messages', 'clear request', 'ping messages', 'ping request']);
});

test('a rule that excludes one metric of a method leaves its other metrics', async () => {
  const match = { method: 'ping', metric: 'thrift_server_messages_total' };
  expect(await countedUnder({ match, exclude: true })).toEqual([
    'clear messages',
    'clear request',
    'ping request',
  ]);
});
