// A traced call beside a span by hand, with the OpenTelemetry SDK of the major version in the first argument.
import { Instrumented } from 'thrift-metrics';
import { enableTracing } from 'thrift-metrics/opentelemetry';

import { AsyncHandler, decorate } from '../handlers.mjs';
import { CALLS, compare, many, report } from '../measure.mjs';
import { startSdk } from '../tracing-sdk.mjs';

const bare = new AsyncHandler();
const instrumented = decorate(
  class TracedHandler {
    async add(a, b) {
      return a + b;
    }
  },
  [Instrumented],
);
let n = 0;

// Before anything uses AsyncLocalStorage, which slows down every promise of Node.js 20 and 22.
const untraced = await compare({
  bare: many(() => bare.add(n++, 1)),
  instrumented: many(() => instrumented.add(n++, 1)),
});

const { api, provider, spans } = startSdk(process.argv[2]);
const tracer = provider.getTracer('bench');
const options = {
  kind: api.SpanKind.SERVER,
  attributes: { 'rpc.system.name': 'apache_thrift', 'rpc.method': 'Traced/add' },
};

/** The span of the method as a user would write it. */
function addByHand(a, b) {
  return tracer.startActiveSpan('Traced/add', options, async (span) => {
    try {
      return await bare.add(a, b);
    } catch (error) {
      span.setAttribute('error.type', error.name);
      span.recordException(error);
      span.setStatus({ code: api.SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}

const byHand = await compare({
  bareInContext: many(() => api.context.with(api.ROOT_CONTEXT, () => bare.add(n++, 1))),
  byHand: many(() => addByHand(n++, 1)),
});
const before = spans.ended;
if (before === 0) throw new Error('no span was ended by hand');
enableTracing({ tracerProvider: provider });
const traced = await compare({ traced: many(() => instrumented.add(n++, 1)) });
if (spans.ended === before) throw new Error('no span was ended');

const times = { ...untraced, ...byHand, ...traced };
report(Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time / CALLS])));
