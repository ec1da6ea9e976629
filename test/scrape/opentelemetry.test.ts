import { context, trace } from '@opentelemetry/api';
import { AlwaysOffSampler, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { configureMetrics, Instrumented, renderMetrics } from '../../src/index';
import { openTelemetryExemplar } from '../../src/opentelemetry';

const provider = new NodeTracerProvider();
beforeAll(() => {
  provider.register();
  configureMetrics({ registry: new Registry(), exemplar: openTelemetryExemplar });
});
afterAll(() => {
  trace.disable();
  context.disable();
});

@Instrumented
class TracedHandler {
  async run(): Promise<void> {}
}

async function openMetrics(): Promise<string> {
  return (await renderMetrics({ accept: 'application/openmetrics-text' })).body.toString();
}

it('the exemplar has the trace and span ids of the active sampled span', async () => {
  const { traceId, spanId } = await trace
    .getTracer('test')
    .startActiveSpan('call', async (span) => {
      await new TracedHandler().run();
      span.end();
      return span.spanContext();
    });
  expect(await openMetrics()).toContain(`# {trace_id="${traceId}",span_id="${spanId}"} `);
});

it('a call without a span, or with one that is not sampled, leaves no exemplar', async () => {
  expect(openTelemetryExemplar()).toBeUndefined();
  const off = new NodeTracerProvider({ sampler: new AlwaysOffSampler() });
  off.getTracer('test').startActiveSpan('call', (span) => {
    expect(trace.getActiveSpan()).toBe(span);
    expect(openTelemetryExemplar()).toBeUndefined();
    span.end();
  });
});
