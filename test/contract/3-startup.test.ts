import { Counter, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  configureMetrics,
  Counted,
  Instrumented,
  InFlight,
  renderMetrics,
  resetMetrics,
  startMetricsServer,
  Timed,
  type MetricsConfiguration,
} from '../../src/index';
import { errorOf } from '../support/error-of';
import { samplesOf, valueOf } from '../support/value-of';

const DEFAULTS: MetricsConfiguration = {
  defaultLabels: {},
  prefix: '',
  buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
  processMetrics: false,
  enabled: true,
  maxSeriesPerMetric: 2000,
};

let registry = new Registry();
beforeEach(() => {
  registry = new Registry();
  configureMetrics({ ...DEFAULTS, registry, onError: () => {} });
});
afterEach(() => vi.restoreAllMocks());

@Instrumented
class StartupHandler {
  run(): void {}
}
const REQUESTS = 'thrift_server_requests_total';
const startup = { thrift_service: 'Startup' };

describe('defaultLabels', () => {
  it('default labels are on every series, of classes imported before and after, and of the program', async () => {
    const userCounter = new Counter({ name: 'foreign_total', help: 'x', registers: [registry] });
    userCounter.inc();
    configureMetrics({ defaultLabels: { env: 'prod', region: 'eu' } });
    @Instrumented
    class AfterHandler {
      run(): void {}
    }
    void AfterHandler;
    const text = await registry.metrics();
    const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    expect(samples.length).toBeGreaterThan(50);
    for (const line of samples) expect(line).toMatch(/env="prod",region="eu"/);
    expect((await renderMetrics()).body.toString()).toContain(
      'foreign_total{env="prod",region="eu"} 1',
    );
  });

  it("a series' own label overrides a default label", async () => {
    class OwnLabelHandler {
      @Counted('own_label_total', { labels: { env: 'mine' } }) static run(): void {}
    }
    void OwnLabelHandler;
    configureMetrics({ defaultLabels: { env: 'prod' } });
    for (const text of [(await renderMetrics()).body.toString(), await registry.metrics()]) {
      expect(text).toMatch(/^own_label_total\{env="mine",[^}]*\} 0$/m);
    }
  });

  it('new default labels replace the previous ones and keep those that others set on the registry', async () => {
    registry.setDefaultLabels({ app: 'shop' });
    configureMetrics({ defaultLabels: { env: 'prod' } });
    configureMetrics({ defaultLabels: { region: 'eu' } });
    const text = (await renderMetrics()).body.toString();
    expect(text).toContain('app="shop",region="eu"');
    expect(text).not.toContain('env="prod"');
  });
});

describe('registry', () => {
  it('existing families move to a new registry', async () => {
    new StartupHandler().run();
    const other = new Registry();
    configureMetrics({ registry: other, defaultLabels: { env: 'prod' } });
    expect(registry.getMetricsAsArray()).toEqual([]);
    expect(await registry.metrics()).not.toContain('env=');
    expect(await valueOf(other, REQUESTS, startup)).toBeGreaterThan(0);
  });

  it("the default registry is the client library's global registry", async () => {
    vi.resetModules();
    vi.stubGlobal('globalThis', globalThis);
    const key = Symbol.for('thrift-metrics.runtime.1');
    const holder = globalThis as unknown as Record<symbol, unknown>;
    const before = holder[key];
    delete holder[key];
    try {
      const fresh = await import('../../src/index.js');
      class GlobalHandler {
        @fresh.Counted('global_total') static run(): void {}
      }
      void GlobalHandler;
      const { register } = await import('prom-client');
      expect(register.getSingleMetric('global_total')).toBeDefined();
    } finally {
      holder[key] = before;
      vi.unstubAllGlobals();
    }
  });
});

describe('prefix', () => {
  it('a prefix applies to every metric name of this package, including registered metrics', async () => {
    class PrefixedHandler {
      @Counted('prefixed_total') static run(): void {}
    }
    configureMetrics({ prefix: 'shop_' });
    class LaterHandler {
      @Counted('later_prefixed_total') static run(): void {}
    }
    PrefixedHandler.run();
    LaterHandler.run();
    const names = registry.getMetricsAsArray().map(({ name }) => name);
    expect(names).toContain('shop_later_prefixed_total');
    expect(names.filter((name) => !name.startsWith('shop_'))).toEqual([]);
    expect(await valueOf(registry, 'shop_prefixed_total')).toBe(1);
    configureMetrics({ prefix: '' });
    expect(await valueOf(registry, 'prefixed_total')).toBe(1);
  });
});

describe('buckets', () => {
  it('configured buckets apply to earlier and later histograms that name none, and to no others', async () => {
    class BucketsHandler {
      @Timed('default_seconds') static run(): void {}
      @Timed('own_seconds', { buckets: [7] }) static own(): void {}
    }
    BucketsHandler.run();
    configureMetrics({ buckets: [1, 2] });
    class LaterBucketsHandler {
      @Timed('later_seconds') static run(): void {}
    }
    void LaterBucketsHandler;
    BucketsHandler.run();
    const bounds = async (name: string): Promise<unknown[]> =>
      (await samplesOf(registry))
        .filter(
          (sample) =>
            sample.name === `${name}_bucket` && sample.labels['thrift_success'] === 'true',
        )
        .map(({ labels, value }) => [labels['le'], value]);
    expect(await bounds('default_seconds')).toEqual([
      [1, 1],
      [2, 1],
      ['+Inf', 1],
    ]);
    expect(await bounds('later_seconds')).toEqual([
      [1, 0],
      [2, 0],
      ['+Inf', 0],
    ]);
    expect((await bounds('own_seconds')).map((pair) => (pair as unknown[])[0])).toEqual([
      7,
      '+Inf',
    ]);
  });
});

describe('processMetrics', () => {
  const hasProcessMetrics = (): boolean =>
    registry.getSingleMetric('process_cpu_user_seconds_total') !== undefined;

  it('process metrics can be switched on and off', () => {
    expect(hasProcessMetrics()).toBe(false);
    configureMetrics({ processMetrics: true });
    expect(hasProcessMetrics()).toBe(true);
    configureMetrics({ processMetrics: false });
    expect(hasProcessMetrics()).toBe(false);
  });

  it('process metrics move with the registry', () => {
    configureMetrics({ processMetrics: true });
    const first = registry;
    registry = new Registry();
    configureMetrics({ registry });
    expect(first.getMetricsAsArray()).toEqual([]);
    expect(hasProcessMetrics()).toBe(true);
  });

  it('the metrics server leaves process metrics off where they were switched off', async () => {
    const server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
    await server.close();
    expect(hasProcessMetrics()).toBe(false);
  });
});

describe('enabled', () => {
  it('with enabled: false, decorated methods run their originals and nothing is counted', async () => {
    configureMetrics({ enabled: false });
    const before = await valueOf(registry, REQUESTS, startup);
    new StartupHandler().run();
    expect(await valueOf(registry, REQUESTS, startup)).toBe(before);
    configureMetrics({ enabled: true });
    new StartupHandler().run();
    expect(await valueOf(registry, REQUESTS, startup)).toBe((before as number) + 1);
  });
});

describe('onError', () => {
  class OnErrorHandler {
    @Counted({ labels: { tag: () => undefined as unknown as string } }) static run(): void {}
  }

  it('onError is called once per site, and again after it is replaced', () => {
    const first = vi.fn<(error: unknown, site: string) => void>();
    configureMetrics({ onError: first });
    OnErrorHandler.run();
    OnErrorHandler.run();
    expect(first).toHaveBeenCalledTimes(1);
    const second = vi.fn<(error: unknown, site: string) => void>();
    configureMetrics({ onError: second });
    OnErrorHandler.run();
    expect(second).toHaveBeenCalledTimes(1);
  });
});

describe('each call changes only the keys it names', () => {
  it('configureMetrics changes only the keys it names, and ignores undefined', async () => {
    configureMetrics({ defaultLabels: { env: 'prod' }, prefix: 'kept_' });
    configureMetrics({ buckets: [1], prefix: undefined });
    expect((await renderMetrics()).body.toString()).toMatch(/^kept_\w+\{[^}]*env="prod"/m);
  });
});

describe('a wrong option is a coded error, and nothing is changed then', () => {
  const taken = new Registry();
  new Counter({ name: REQUESTS, help: 'not ours', registers: [taken] });

  it.each<[string, unknown, string, string]>([
    ['a bad label name', { defaultLabels: { 'my-env': 'x' } }, 'TM_ERR_LABEL_NAME', "'my-env'"],
    ['the default label le', { defaultLabels: { le: 'x' } }, 'TM_ERR_LABEL_NAME', "'le'"],
    ['a label that starts with __', { defaultLabels: { __x: 'x' } }, 'TM_ERR_LABEL_NAME', "'__x'"],
    [
      'a label value that is not a string',
      { defaultLabels: { env: 1 } },
      'TM_ERR_LABEL_VALUE',
      '1',
    ],
    ['labels that are not an object', { defaultLabels: 'env' }, 'TM_ERR_OPTION_INVALID', "'env'"],
    ['buckets that do not ascend', { buckets: [1, 1] }, 'TM_ERR_BUCKETS', '[1, 1]'],
    ['an empty list of buckets', { buckets: [] }, 'TM_ERR_BUCKETS', '[]'],
    ['an infinite bucket', { buckets: [1, Infinity] }, 'TM_ERR_BUCKETS', 'Infinity'],
    ['an unknown key', { defaultLabel: {} }, 'TM_ERR_OPTION_UNKNOWN', "'defaultLabel'"],
    ['a bad prefix', { prefix: 'my app' }, 'TM_ERR_METRIC_NAME', "'my app'"],
    ['an object that is not a registry', { registry: {} }, 'TM_ERR_OPTION_INVALID', 'registry'],
    [
      'a registry that already has one of our metric names',
      { registry: taken },
      'TM_ERR_NAME_TAKEN',
      REQUESTS,
    ],
    ['enabled that is not a boolean', { enabled: 'no' }, 'TM_ERR_OPTION_INVALID', "'no'"],
    ['processMetrics that is not a boolean', { processMetrics: 1 }, 'TM_ERR_OPTION_INVALID', '1'],
    ['a series limit of 0', { maxSeriesPerMetric: 0 }, 'TM_ERR_OPTION_INVALID', '0'],
    ['onError that is not a function', { onError: 'x' }, 'TM_ERR_OPTION_INVALID', "'x'"],
    ['options that are not an object', null, 'TM_ERR_OPTION_INVALID', 'null'],
  ])('configureMetrics rejects %s and changes nothing', async (_name, options, code, found) => {
    const before = await registry.metrics();
    const changes: MetricsConfiguration = { prefix: 'changed_', defaultLabels: { changed: 'x' } };
    const wrong = options === null ? null : { ...changes, enabled: false, ...(options as object) };
    // A prefix would avoid the name conflict.
    if (options === null || !('registry' in (options as object))) void 0;
    else delete (wrong as MetricsConfiguration).prefix;
    const error = errorOf(() => configureMetrics(wrong as MetricsConfiguration));
    expect(error.code).toBe(code);
    expect(error.message).toContain('configureMetrics');
    expect(error.message).toContain(found);
    expect(await registry.metrics()).toBe(before);
    new StartupHandler().run();
    expect(await registry.metrics()).not.toBe(before);
  });
});

describe('resetMetrics', () => {
  it('resetMetrics sets every value of this package to 0 and leaves those of the program', async () => {
    const userCounter = new Counter({ name: 'untouched_total', help: 'x', registers: [registry] });
    userCounter.inc();
    new StartupHandler().run();
    resetMetrics();
    const samples = await samplesOf(registry);
    expect(samples.filter(({ value }) => value !== 0)).toEqual([
      { name: 'untouched_total', labels: {}, value: 1 },
    ]);
    expect(samples.length).toBeGreaterThan(30);
  });

  it('a call in flight during resetMetrics does not take the gauge below 0', async () => {
    let finish: () => void = () => {};
    class ResetHandler {
      @InFlight('reset_active') static run(): Promise<void> {
        return new Promise((resolve) => (finish = resolve));
      }
    }
    const running = ResetHandler.run();
    resetMetrics();
    finish();
    await running;
    expect(await valueOf(registry, 'reset_active')).toBe(0);
  });
});
