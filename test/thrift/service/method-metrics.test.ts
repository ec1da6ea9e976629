import { Gauge, Registry } from 'prom-client';
import { expect, test } from 'vitest';

import { Runtime } from '../../../src/runtime/runtime';
import { registerProcessorMetrics } from '../../../src/thrift/service/processor';
import { errorOf } from '../../support/error-of';

const OF_MESSAGES = [
  'thrift_server_active_messages',
  'thrift_server_lost_replies_total',
  'thrift_server_messages_total',
  'thrift_server_oldest_active_request_seconds',
  'thrift_server_protocol_errors_total',
  'thrift_server_queue_seconds',
  'thrift_server_request_decode_seconds',
  'thrift_server_request_size_bytes',
  'thrift_server_response_size_bytes',
  'thrift_server_response_write_seconds',
];
const OF_CALLERS = [
  'thrift_server_caller_failed_requests_total',
  'thrift_server_caller_requests_total',
];

/** Instruments a service in a program of its own. Returns the names of the server's metrics. */
function register(callers: boolean | null, registry = new Registry()): string[] {
  const runtime = new Runtime();
  Object.assign(runtime.settings, { registry, callers });
  registerProcessorMetrics(runtime);
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  return names.filter((name) => name.startsWith('thrift_server_')).toSorted();
}

test.each([null, true])(
  'with callers: %s, every metric is in the registry before there is a method',
  (callers) => {
    expect(register(callers)).toEqual([...OF_MESSAGES, ...OF_CALLERS].toSorted());
  },
);

test('with callers: false, the metrics of callers are not in the registry', () => {
  expect(register(false)).toEqual(OF_MESSAGES);
});

test.each([...OF_MESSAGES, ...OF_CALLERS])(
  '%s is refused at startup if the registry has another metric with the name',
  (name) => {
    const registry = new Registry();
    registry.registerMetric(new Gauge({ name, help: 'mine', registers: [] }));
    expect(errorOf(() => register(null, registry))).toMatchObject({ code: 'TM_ERR_NAME_TAKEN' });
  },
);
