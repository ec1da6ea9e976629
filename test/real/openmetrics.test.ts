import { join } from 'node:path';
import fc from 'fast-check';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { beforeEach, expect, test } from 'vitest';

import {
  configureMetrics,
  Counted,
  Instrumented,
  renderMetrics,
  ThriftService,
  Timed,
} from '../../src/index';
import { familyNamed, seriesWith } from '../support/family-named';
import { runProgram } from '../support/start-program';
import { samplesOf } from '../support/value-of';

// Debian's own Python, regardless of others in the path.
const PYTHON = '/usr/bin/python3';
const ACCEPT = 'application/openmetrics-text; version=1.0.0';

interface ReadSample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: string;
  readonly exemplar: {
    readonly labels: Readonly<Record<string, string>>;
    readonly value: string;
    readonly timestamp: number;
  } | null;
}

interface ReadFamily {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly unit: string;
  readonly samples: readonly ReadSample[];
}

class Refused extends Error {}

@ThriftService('OpenMetrics')
class OpenMetricsHandler {
  @Instrumented({
    exceptions: [Refused],
    labels: { op: ({ args }) => args[0] as string, text: ({ args }) => args[1] as string },
  })
  run(_op: string, _text: string, fails: boolean): void {
    if (fails) throw new Refused();
  }

  @Counted('calls_with_help_total', { help: 'A \\ and a "quoted"\nline.' })
  @Timed('openmetrics_summary_seconds', { quantiles: [0.5, 0.9, 1] })
  summary(): void {}

  @Timed('openmetrics_wide_seconds', {
    buckets: [1e-10, 0.00001, 0.001, 1, 10, 123_456, 1e6, 2_500_000, 1e22],
  })
  wide(): void {}
}
const handler = new OpenMetricsHandler();

let registry = new Registry();
beforeEach(() => {
  registry = new Registry();
  configureMetrics({ registry, defaultLabels: {}, exemplar: () => null });
});

/** Parses the rendered text with Prometheus' Python client, which refuses everything that the standard forbids. */
async function read(): Promise<ReadFamily[]> {
  const { contentType, body } = await renderMetrics({ accept: ACCEPT });
  expect(contentType).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
  const script = join(__dirname, 'read-openmetrics.py');
  const { code, stdout, stderr } = await runProgram(PYTHON, [script], body.toString());
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as ReadFamily[];
}

const PYTHON_NUMBERS: Readonly<Record<string, number>> = {
  nan: NaN,
  inf: Infinity,
  '-inf': -Infinity,
};

function numberOf(text: string): number {
  return PYTHON_NUMBERS[text] ?? Number(text);
}

/** One text per sample, with bounds and quantiles as numbers, because formats spell them differently. */
function line(name: string, labels: Readonly<Record<string, unknown>>, value: number): string {
  const pairs = Object.entries(labels).map(([label, text]) => {
    const isNumber = (label === 'le' || label === 'quantile') && text !== '+Inf';
    return JSON.stringify([label, isNumber ? Number(text) : String(text)]);
  });
  return `${name} ${pairs.toSorted().join()} ${value}`;
}

const isStart = ({ name }: { readonly name: string }): boolean => name.endsWith('_created');

async function expectSameAsRegistry(defaultLabels: Readonly<Record<string, string>> = {}) {
  const counters = new Set(
    (await registry.getMetricsAsJSON())
      .filter(({ type }) => String(type) === 'counter')
      .map(({ name }) => name),
  );
  const expected = (await samplesOf(registry)).map(({ name, labels, value }) => {
    const isBare = counters.has(name) && !name.endsWith('_total');
    return line(isBare ? `${name}_total` : name, { ...defaultLabels, ...labels }, value);
  });
  const families = await read();
  const found = families.flatMap(({ samples }) =>
    samples
      // The registry does not have them.
      .filter((sample) => !isStart(sample))
      .map(({ name, labels, value }) => line(name, labels, numberOf(value))),
  );
  expect(found.toSorted()).toEqual(expected.toSorted());
  return families;
}

test('every sample is parsed as recorded, for any label values and default labels', async () => {
  const text = fc.string({ unit: fc.oneof(fc.constantFrom('\\', '"', '\n'), fc.string()) });
  const call = fc.tuple(text, fc.string({ unit: 'binary' }), fc.boolean());
  await fc.assert(
    fc.asyncProperty(fc.array(call, { maxLength: 30, size: 'max' }), text, async (calls, env) => {
      configureMetrics({ defaultLabels: { env } });
      for (const [op, other, fails] of calls) {
        if (fails) expect(() => handler.run(op, other, true)).toThrow(Refused);
        else handler.run(op, other, false);
      }
      handler.summary();
      await expectSameAsRegistry({ env });
    }),
    { numRuns: 15 },
  );
});

test('user metrics of every type are parsed as recorded, with NaN and infinities', async () => {
  const registers = [registry];
  const labelNames = ['a'];
  new Counter({ name: 'own_total', help: 'x', labelNames, registers }).inc({ a: '1' }, 2.5);
  new Counter({ name: 'own_bare', help: 'x', registers }).inc(3);
  const gauge = new Gauge({ name: 'own_gauge', help: 'x', labelNames, registers });
  gauge.set({ a: 'nan' }, NaN);
  gauge.set({ a: 'inf' }, Infinity);
  gauge.set({ a: '-inf' }, -Infinity);
  gauge.set({ a: 'small' }, 1e-300);
  const buckets = [0.001, 1, 1e6];
  new Histogram({ name: 'own_seconds', help: 'x', registers, buckets }).observe(0.2);
  const percentiles = [0.5, 1];
  new Summary({ name: 'own_summary', help: 'x', registers, percentiles }).observe(0.2);
  configureMetrics({ processMetrics: true, defaultLabels: { env: 'prod' } });

  const families = await read();

  configureMetrics({ processMetrics: false });
  const own = families.filter(({ name }) => name.startsWith('own'));
  expect(own.map(({ name, type, samples }) => [name, type, samples.length])).toEqual([
    ['own', 'counter', 1],
    ['own_bare', 'counter', 1],
    ['own_gauge', 'gauge', 4],
    ['own_seconds', 'histogram', 6],
    ['own_summary', 'summary', 4],
  ]);
  expect(families.map(({ name }) => name)).toContain('process_cpu_user_seconds');
  await expectSameAsRegistry({ env: 'prod' });
});

test('families have their help and type, and only the samples of a counter have the suffix', async () => {
  handler.summary();

  const families = new Map((await read()).map((family) => [family.name, family]));

  expect(families.get('calls_with_help')).toMatchObject({
    type: 'counter',
    help: 'A \\ and a "quoted"\nline.',
    samples: [{ name: 'calls_with_help_total' }, { name: 'calls_with_help_created' }],
  });
  expect(families.get('thrift_server_requests')?.type).toBe('counter');
  expect(families.get('thrift_server_latency_seconds')?.type).toBe('histogram');
  expect(families.get('openmetrics_summary_seconds')?.type).toBe('summary');
});

test('families have the unit that ends their name, and no other', async () => {
  const registers = [registry];
  new Counter({ name: 'sent_bytes_total', help: 'x', registers });
  new Gauge({ name: 'queue_bytes', help: 'x', registers });
  new Gauge({ name: 'seconds_since', help: 'x', registers });

  const units = new Map((await read()).map(({ name, unit }) => [name, unit]));

  expect(units.get('sent_bytes')).toBe('bytes');
  expect(units.get('queue_bytes')).toBe('bytes');
  expect(units.get('seconds_since')).toBe('');
  expect(units.get('thrift_server_latency_seconds')).toBe('seconds');
  expect(units.get('thrift_server_requests')).toBe('');
  expect(units.get('thrift_metrics_info')).toBe('');
});

test('bounds and quantiles are in canonical form', async () => {
  const families = new Map((await read()).map((family) => [family.name, family]));

  const wide = families.get('openmetrics_wide_seconds')?.samples ?? [];
  const bounds = wide.map(({ labels }) => labels['le']).filter((le) => le !== undefined);
  const canonical = '1e-10 1e-05 0.001 1.0 10.0 123456.0 1e+06 2.5e+06 1e+22 +Inf'.split(' ');
  expect([...new Set(bounds)]).toEqual(canonical);
  const quantiles = families
    .get('openmetrics_summary_seconds')
    ?.samples.map(({ labels }) => labels['quantile'])
    .filter((quantile) => quantile !== undefined);
  expect([...new Set(quantiles)]).toEqual(['0.5', '0.9', '1.0']);
});

test('the start of a series is parsed as the time of the call that created it', async () => {
  const before = Date.now();
  handler.run('start', '', false);
  const after = Date.now();

  const families = await read();

  const starts = families
    .flatMap(({ samples }) => samples.filter(isStart))
    .filter(({ labels }) => labels['op'] === 'start');
  expect(starts.map(({ name }) => name)).toEqual([
    'thrift_server_requests_created',
    'thrift_server_latency_seconds_created',
  ]);
  for (const { value } of starts) {
    // Times have milliseconds.
    const milliseconds = Math.round(Number(value) * 1000);
    expect(milliseconds).toBeGreaterThanOrEqual(before - 1);
    expect(milliseconds).toBeLessThanOrEqual(after + 1);
  }
});

test('recorded exemplars are on the bucket of the latency and on the error count', async () => {
  const labels = { trace_id: '4bf92f3577b34da6a3ce929d0e0e4736', text: 'a "quoted" \\ and\nline' };
  configureMetrics({ exemplar: () => labels });
  const latency = familyNamed(registry, 'openmetrics_wide_seconds', 'histogram');
  const { cell } = seriesWith(latency, { thrift_success: 'true' });
  const before = Date.now() / 1000;
  cell.observe(0.0004);
  cell.observe(5e9);
  expect(() => handler.run('exemplar', '', true)).toThrow(Refused);
  const after = Date.now() / 1000;

  const families = await read();

  const found = families.flatMap(({ samples }) =>
    samples.filter(({ exemplar }) => exemplar !== null),
  );
  const seen = found.map(({ name, labels: own, exemplar }) => {
    expect(exemplar?.labels).toEqual(labels);
    expect(exemplar?.timestamp).toBeGreaterThanOrEqual(before);
    expect(exemplar?.timestamp).toBeLessThanOrEqual(after);
    return [name, own['le'] ?? own['thrift_exception_type'], Number(exemplar?.value)];
  });
  expect(seen).toEqual(
    expect.arrayContaining([
      ['thrift_server_errors_total', 'Refused', 1],
      ['openmetrics_wide_seconds_bucket', '0.001', 0.0004],
      ['openmetrics_wide_seconds_bucket', '1e+22', 5e9],
      ['thrift_server_latency_seconds_bucket', expect.any(String), expect.any(Number)],
    ]),
  );
  expect(seen).toHaveLength(4);
});

test('exemplars of user metrics are parsed as recorded', async () => {
  const own = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
  own.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
  const options = {
    name: 'own_total',
    help: 'x',
    registers: [own],
    enableExemplars: true,
  };
  new Counter(options).inc({ exemplarLabels: { trace_id: 'abc' }, value: 2 });
  configureMetrics({ registry: own });

  const found = (await read()).find(({ name }) => name === 'own');

  expect(found?.samples).toMatchObject([
    { name: 'own_total', value: '2.0', exemplar: { labels: { trace_id: 'abc' }, value: '2.0' } },
  ]);
});

test('rendering in any format does not change the registry', async () => {
  new Counter({ name: 'own_total', help: 'x', registers: [registry] }).inc();
  handler.run('unchanged', '', false);
  handler.summary();
  const names = registry.getMetricsAsArray().map(({ name }) => name);
  const json = await registry.getMetricsAsJSON();
  const text = await registry.metrics();

  const { body } = await renderMetrics();
  await renderMetrics({ accept: ACCEPT });
  await renderMetrics({
    accept:
      'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
  });

  expect(registry.getMetricsAsArray().map(({ name }) => name)).toEqual(names);
  expect(await registry.getMetricsAsJSON()).toEqual(json);
  expect(await registry.metrics()).toBe(text);
  expect((await renderMetrics()).body.equals(body)).toBe(true);
});
