import fc from 'fast-check';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { beforeEach, describe, expect, it, vi } from 'vitest';

import {
  configureMetrics,
  Counted,
  Instrumented,
  renderMetrics,
  ThriftService,
  Timed,
} from '../../src/index';
import { valueOf } from '../support/value-of';

const onError = vi.fn<(error: unknown, site: string) => void>();
let registry = new Registry();
beforeEach(() => {
  registry = new Registry();
  onError.mockClear();
  configureMetrics({ registry, onError, defaultLabels: {} });
});

/** The lines of a text with their labels sorted. */
function normalized(text: string): string[] {
  return text.split('\n').map((line) => {
    const match = /^(\w+)\{(.*)\} (.*)$/s.exec(line);
    if (match === null) return line;
    const labels = (match[2] as string).match(/\w+="(?:\\.|[^"\\])*"/gs) ?? [];
    return `${match[1]}{${labels.toSorted().join(',')}} ${match[3]}`;
  });
}

async function rendered(names?: string[]): Promise<string> {
  return (await renderMetrics(names === undefined ? {} : { names })).body.toString();
}

describe('renderMetrics', () => {
  it('renderMetrics writes what the registry itself writes, for any label values', async () => {
    @ThriftService('Rendered')
    class Handler {
      @Instrumented({
        labels: {
          first: (call) => call.args[0] as string,
          second: (call) => call.args[1] as string,
        },
      })
      run(_first: string, _second: string): void {}
      @Timed('rendered_summary_seconds', { quantiles: [0.5, 0.9] }) sum(): void {}
    }
    const handler = new Handler();
    handler.sum();
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary' }),
        fc.string({ unit: fc.constantFrom('"', '\\', '\n', '{', '}', ',', 'é', '😀') }),
        fc.string(),
        async (first, second, env) => {
          configureMetrics({ defaultLabels: { env } });
          handler.run(first, second);
          expect(normalized(await rendered())).toEqual(normalized(await registry.metrics()));
        },
      ),
      { numRuns: 40 },
    );
  });

  it("renderMetrics writes a program's own metrics of every type, NaN and infinities as the registry does", async () => {
    const registers = [registry];
    new Counter({ name: 'own_total', help: 'back\\slash\nline', registers }).inc();
    const gauge = new Gauge({ name: 'own_gauge', help: 'x', labelNames: ['a'], registers });
    gauge.set({ a: 'nan' }, NaN);
    gauge.set({ a: 'inf' }, Infinity);
    gauge.set({ a: '"-inf"' }, -Infinity);
    new Histogram({ name: 'own_seconds', help: 'x', registers }).observe(0.2);
    new Summary({ name: 'own_summary', help: 'x', registers }).observe(0.2);
    configureMetrics({ defaultLabels: { env: 'prod' } });
    expect(normalized(await rendered())).toEqual(normalized(await registry.metrics()));
  });

  it('renderMetrics knows counters by their names after the registry has written OpenMetrics', async () => {
    const own = new Registry<typeof Registry.OPENMETRICS_CONTENT_TYPE>();
    own.setContentType(Registry.OPENMETRICS_CONTENT_TYPE);
    configureMetrics({ registry: own });
    class Handler {
      @Counted('openmetrics_requests_total') run(): void {}
    }
    new Handler().run();
    new Counter({ name: 'openmetrics_own_total', help: 'x', registers: [own] }).inc();
    await own.metrics();

    const names = ['openmetrics_requests_total', 'openmetrics_own_total'];
    const text = await rendered(names);
    expect(text).toMatch(/^openmetrics_requests_total\{.*\} 1$/m);
    expect(text).toMatch(/^openmetrics_own_total 1$/m);
    expect(text).toContain('# TYPE openmetrics_own_total counter\n');
    expect(await rendered()).toContain('openmetrics_own_total 1\n');
  });

  it.each([
    ['text/plain', 'untyped'],
    ['application/openmetrics-text', 'unknown'],
  ])(
    "renderMetrics writes a type that Prometheus would refuse as its format's word for none: %s",
    async (accept, type) => {
      const odd = {
        name: 'odd_metric',
        help: 'x',
        type: 'odd',
        aggregator: 'sum',
        get: () => ({ ...odd, values: [{ labels: {}, value: 3 }] }),
        reset: () => {},
      };
      registry.registerMetric(odd as never);
      const { body } = await renderMetrics({ accept, names: ['odd_metric'] });
      expect(body.toString()).toContain(`# TYPE odd_metric ${type}\nodd_metric 3\n`);
    },
  );

  it('renderMetrics restricts its output to the given names', async () => {
    class NamesHandler {
      @Counted('names_one_total') static one(): void {}
      @Counted('names_two_total') static two(): void {}
    }
    void NamesHandler;
    const text = await rendered(['names_two_total']);
    expect(text.match(/^# TYPE (\S+)/gm)).toEqual(['# TYPE names_two_total']);
  });

  it('renderMetrics leaves out a collector that throws, writes the rest and counts the fault', async () => {
    new Gauge({
      name: 'broken_gauge',
      help: 'x',
      registers: [registry],
      collect: () => {
        throw new Error('broken');
      },
    });
    new Gauge({ name: 'whole_gauge', help: 'x', registers: [registry] }).set(1);
    const text = await rendered();
    expect(text).toContain('whole_gauge 1');
    expect(text).not.toContain('broken_gauge 0');
    expect(
      await faultsAt('thrift_metrics_internal_errors_total', 'collect:broken_gauge'),
    ).toBeGreaterThanOrEqual(1);
    expect(onError).toHaveBeenCalledWith(new Error('broken'), 'collect:broken_gauge');
  });

  it('renderMetrics puts the families back into a cleared registry and reports it', async () => {
    class ClearedHandler {
      @Counted('cleared_total') static run(): void {}
    }
    configureMetrics({ defaultLabels: { env: 'prod' } });
    ClearedHandler.run();
    registry.clear();
    expect(await rendered(['cleared_total'])).toMatch(/^cleared_total\{.*env="prod"\} 1$/m);
    expect(onError.mock.calls[0]?.[0]).toMatchObject({ code: 'TM_ERR_REGISTRY_CLEARED' });
  });

  it("renderMetrics collects a program's own metrics at the same time, and keeps their order", async () => {
    let begun = 0;
    let finish: () => void = () => {};
    const bothHaveBegun = new Promise<void>((resolve) => (finish = resolve));
    const collect = async (): Promise<void> => {
      if (++begun === 2) finish();
      await bothHaveBegun;
    };
    for (const name of ['first_gauge', 'second_gauge'])
      new Gauge({ name, help: 'x', registers: [registry], collect });
    expect((await rendered()).match(/^(first|second)_gauge /gm)).toEqual([
      'first_gauge ',
      'second_gauge ',
    ]);
  });

  it('renderMetrics leaves out a family that was removed by name', async () => {
    class RemovedHandler {
      @Counted('removed_total') static run(): void {}
    }
    void RemovedHandler;
    registry.removeSingleMetric('removed_total');
    expect(await rendered()).not.toContain('removed_total');
  });

  it('the default labels of configureMetrics win over those of the registry in families only', async () => {
    class LabeledHandler {
      @Counted('labeled_total') static run(): void {}
    }
    LabeledHandler.run();
    new Gauge({ name: 'own_gauge', help: 'x', registers: [registry] });
    configureMetrics({ defaultLabels: { env: 'configured' } });
    registry.setDefaultLabels({ env: 'of the registry', zone: '1' });
    const text = await rendered(['labeled_total', 'own_gauge']);
    expect(text).toMatch(/^labeled_total\{.*env="configured",zone="1"\} 1$/m);
    expect(text).toContain('own_gauge{env="of the registry",zone="1"} 0\n');
  });

  it.each([
    ['names that are not in an array', { names: 'x' }],
    ['names that are not texts', { names: [1, 2] }],
    ['a name that is not a text', { names: ['x', 1] }],
    ['an Accept header that is not a text', { accept: 1 }],
  ])('renderMetrics rejects %s', async (_what, options) => {
    await expect(renderMetrics(options as object)).rejects.toMatchObject({
      code: 'TM_ERR_OPTION_INVALID',
      message: expect.stringMatching(/^renderMetrics: option '(names|accept)' is .* Expected an? /),
    });
  });

  it('renderMetrics rejects an unknown option', async () => {
    await expect(renderMetrics({ format: 'x' } as object)).rejects.toMatchObject({
      code: 'TM_ERR_OPTION_UNKNOWN',
    });
  });
});

async function faultsAt(name: string, site: string): Promise<number | undefined> {
  registry.removeSingleMetric('broken_gauge');
  return valueOf(registry, name, { site });
}
