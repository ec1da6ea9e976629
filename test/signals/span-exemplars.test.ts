import { trace } from '@opentelemetry/api';
import { Registry } from 'prom-client';
import 'reflect-metadata';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { configureMetrics, Instrumented, renderMetrics, resetMetrics } from '../../src/index';
import { enableTracing } from '../../src/opentelemetry';
import { collectSpans } from './collect-spans';

const spans = collectSpans();
let disable: () => void;
beforeEach(() => {
  configureMetrics({ registry: new Registry(), exemplar: null });
  resetMetrics();
  disable = enableTracing();
});
afterEach(() => disable());

@Instrumented
class TracedHandler {
  sync(): void {}

  async later(): Promise<void> {
    // A span of the handler's own, which ends before the call does.
    await trace.getTracer('handler').startActiveSpan('own', async (span) => {
      await new Promise((resolve) => setImmediate(resolve));
      span.end();
    });
  }

  callback(answer: () => void): void {
    trace.getTracer('handler').startActiveSpan('own', (span) => {
      setImmediate(() => {
        answer();
        span.end();
      });
    });
  }

  async fail(): Promise<never> {
    await Promise.resolve();
    throw new Error('no');
  }
}

const handler = new TracedHandler();

/** The lines of a method that have an exemplar, in OpenMetrics. */
async function exemplarsOf(method: string): Promise<string[]> {
  const { body } = await renderMetrics({ accept: 'application/openmetrics-text' });
  return body
    .toString()
    .split('\n')
    .filter((line) => line.includes(`thrift_method="${method}"`) && line.includes(' # {'));
}

it.each([
  ['sync', async () => handler.sync()],
  ['later', () => handler.later()],
  [
    'callback',
    () =>
      new Promise<void>((resolve) => {
        handler.callback(resolve);
      }),
  ],
])('the latency of a %s call leads to its server span', async (method, call) => {
  await call();
  const { traceId, spanId } = spans.named(`Traced/${method}`).spanContext();
  const lines = await exemplarsOf(method);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain(`thrift_server_latency_seconds_bucket`);
  expect(lines[0]).toContain(`# {trace_id="${traceId}",span_id="${spanId}"}`);
});

it('the error of a call leads to its server span', async () => {
  await expect(handler.fail()).rejects.toThrow('no');
  const { traceId } = spans.named('Traced/fail').spanContext();
  const lines = await exemplarsOf('fail');
  expect(lines.map((line) => line.split('{')[0])).toEqual(
    expect.arrayContaining(['thrift_server_latency_seconds_bucket', 'thrift_server_errors_total']),
  );
  for (const line of lines) expect(line).toContain(`trace_id="${traceId}"`);
});

it('a configured exemplar function sees the server span as the active one', async () => {
  configureMetrics({
    exemplar: () => ({ trace_id: trace.getActiveSpan()?.spanContext().traceId ?? 'none' }),
  });
  await handler.later();
  const { traceId } = spans.named('Traced/later').spanContext();
  expect((await exemplarsOf('later'))[0]).toContain(`# {trace_id="${traceId}"}`);
});

it('after tracing is disabled, no further call has an exemplar', async () => {
  disable();
  handler.sync();
  expect(await exemplarsOf('sync')).toEqual([]);
});
