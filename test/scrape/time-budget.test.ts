import { Gauge, Histogram, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { configureMetrics, Counted, renderMetrics, ThriftService, Timed } from '../../src/index';
import { turnsDuring } from '../support/turns-during';

vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

const FORMATS = {
  text: 'text/plain',
  OpenMetrics: 'application/openmetrics-text',
  protobuf:
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
};
const SERIES = 1000;

@ThriftService('Budget')
class BudgetHandler {
  @Timed('budget_seconds', { labels: { key: ({ args }) => String(args[0]) } })
  @Counted('budget_total', { labels: { key: ({ args }) => String(args[0]) } })
  run(_key: number): void {}
}
const handler = new BudgetHandler();

/** Each clock reading advances the time by one millisecond, so that time budgets do not depend on the machine. */
let milliseconds = 0;

beforeEach(() => {
  configureMetrics({ registry: new Registry(), maxSeriesPerMetric: 2 * SERIES });
  for (let key = 0; key < SERIES; key++) handler.run(key);
  vi.spyOn(performance, 'now').mockImplementation(() => milliseconds++);
});
afterEach(() => vi.restoreAllMocks());

describe('a long render', () => {
  it.each(Object.entries(FORMATS))(
    'a long render yields between the series of a family: %s',
    async (_format, accept) => {
      // The clock is read after every 16 of at least 1000 series, and the render yields after about four readings.
      const turns = await turnsDuring(renderMetrics({ accept, names: ['budget_seconds'] }));

      expect(turns).toBeGreaterThanOrEqual(10);
    },
  );

  it.each(
    Object.entries(FORMATS).flatMap(([format, accept]) => [
      [format, 'gauge', accept] as const,
      [format, 'histogram', accept] as const,
    ]),
  )(
    "a long render yields between the series of a user's metric: %s, %s",
    async (_format, type, accept) => {
      const registry = new Registry();
      const options = { name: 'own', help: 'x', labelNames: ['key'], registers: [registry] };
      const gauge = type === 'gauge' ? new Gauge(options) : null;
      const histogram = type === 'gauge' ? null : new Histogram({ ...options, buckets: [1] });
      for (let key = 0; key < SERIES; key++) {
        gauge?.set({ key }, 1);
        histogram?.observe({ key }, 1);
      }
      configureMetrics({ registry });

      const turns = await turnsDuring(renderMetrics({ accept, names: ['own'] }));

      expect(turns).toBeGreaterThanOrEqual(10);
    },
  );

  it('a long render yields between metrics', async () => {
    const registry = new Registry();
    for (let i = 0; i < 50; i++) {
      new Gauge({ name: `own_gauge_${i}`, help: 'x', registers: [registry] });
    }
    configureMetrics({ registry });

    const turns = await turnsDuring(renderMetrics());

    expect(turns).toBeGreaterThanOrEqual(10);
  });

  it('a long render writes each series once and in order while calls continue', async () => {
    const rendering = renderMetrics({ names: ['budget_total'] });
    await new Promise((resolve) => setImmediate(resolve));
    for (let key = SERIES; key < SERIES + 100; key++) handler.run(key);

    const lines = (await rendering).body.toString().split('\n');

    expect(lines.slice(0, 2)).toEqual([
      expect.stringMatching(/^# HELP budget_total /),
      '# TYPE budget_total counter',
    ]);
    const samples = lines.slice(2).filter((line) => line !== '');
    for (const sample of samples) expect(sample).toMatch(/^budget_total\{.*key="\d+".*\} \d+$/);
    const keys = samples.map((sample) => Number(/key="(\d+)"/.exec(sample)?.[1]));
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys.slice(0, SERIES)).toEqual(Array.from({ length: SERIES }, (_, key) => key));
  });

  it('a short render does not yield', async () => {
    vi.mocked(performance.now).mockReturnValue(0);

    expect(await turnsDuring(renderMetrics({ names: ['budget_total'] }))).toBe(0);
  });
});
