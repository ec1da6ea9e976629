import * as promClient from 'prom-client';
import * as successor from '@prometheus-io/client';
import { beforeEach, describe, expect, test, vi } from 'vitest';

import {
  configureMetrics,
  Counted,
  Instrumented,
  instrumentHandler,
  renderMetrics,
  resetMetrics,
  ThriftService,
} from '../../src/index';
import type { MetricsRegistry } from '../../src/runtime/metrics-registry';
import { errorOf } from '../support/error-of';
import { parseProtobuf } from '../scrape/read-protobuf';

interface TestRegistry extends MetricsRegistry {
  clear(): void;
  metrics(): Promise<string>;
  getMetricsAsJSON(): Promise<unknown[]>;
  resetMetrics(): void;
}

interface TestClient {
  Registry: (new () => TestRegistry) & { merge(registries: TestRegistry[]): TestRegistry };
  Counter: new (options: object) => { inc(): void };
  Gauge: new (options: object) => { set(value: number): void };
  collectDefaultMetrics(options: object): void;
}

const REQUESTS = 'thrift_server_requests_total';

describe.each([
  ['prom-client', promClient as unknown as TestClient],
  ['@prometheus-io/client', successor as unknown as TestClient],
])('%s', (client, { Registry, Counter, Gauge, collectDefaultMetrics }) => {
  const onError = vi.fn<(error: unknown, site: string) => void>();
  let registry: TestRegistry;
  beforeEach(() => {
    registry = new Registry();
    configureMetrics({ registry, onError, defaultLabels: {}, prefix: '', processMetrics: false });
    resetMetrics();
    onError.mockClear();
  });
  const codes = (): unknown[] =>
    onError.mock.calls.map(([error]) => (error as { code?: string }).code);

  describe('a registry of the program without our metrics', () => {
    const calls = (): void => {
      instrumentHandler({ add: () => 1 }, { service: 'Served' }).add();
    };

    test('a registry without our metrics is reported once when it was read three times and our metrics never', async () => {
      calls();
      const own = new Registry();
      await own.metrics();
      await own.metrics();
      expect(codes()).toEqual([]);
      await own.metrics();
      await own.metrics();
      expect(codes()).toEqual(['TM_ERR_REGISTRY_NOT_SERVED']);
    });

    test.each([
      ['the registry itself', () => registry.metrics()],
      ['renderMetrics', () => renderMetrics()],
    ])(
      'a registry without our metrics is not reported when these are read too, by %s',
      async (_way, read) => {
        calls();
        const own = new Registry();
        await own.metrics();
        await own.metrics();
        await read();
        for (let i = 0; i < 5; i++) await own.metrics();
        expect(codes()).toEqual([]);
      },
    );

    test('a registry is not reported when it contains our metrics, as a merged registry does', async () => {
      calls();
      for (let i = 0; i < 5; i++) await Registry.merge([registry, new Registry()]).metrics();
      expect(codes()).toEqual([]);
    });
  });

  describe('metrics that were removed', () => {
    const declare = (): { add(): number } =>
      instrumentHandler({ add: () => 1 }, { service: 'Again' });
    const line = `${REQUESTS}{thrift_method="add",thrift_service="Again"}`;

    test('a metric that was removed by its name returns with its values when its method is declared again', async () => {
      declare().add();
      registry.removeSingleMetric(REQUESTS);
      expect(await registry.metrics()).not.toContain(`${REQUESTS}{`);
      declare().add();
      expect(await registry.metrics()).toContain(`${line} 2\n`);
    });

    test('a metric that was removed by its name stays out of renders until its method is declared again', async () => {
      declare();
      registry.removeSingleMetric(REQUESTS);
      await renderMetrics();
      instrumentHandler({ other: () => 1 }, { service: 'Other', counted: false });
      expect(registry.getSingleMetric(REQUESTS)).toBeUndefined();
    });

    test('a removed metric whose name another metric has taken is refused when it is declared again', () => {
      declare();
      registry.clear();
      new Gauge({ name: 'thrift_server_active_requests', help: 'mine', registers: [registry] });
      expect(errorOf(declare)).toMatchObject({ code: 'TM_ERR_NAME_TAKEN' });
    });

    test('a cleared registry whose names are taken keeps the metric of the program, which is reported', async () => {
      const handler = declare();
      registry.clear();
      new Gauge({ name: REQUESTS, help: 'mine', registers: [registry] }).set(7);
      handler.add();
      expect(codes()).toEqual(['TM_ERR_NAME_TAKEN', 'TM_ERR_REGISTRY_CLEARED']);
      expect(await registry.metrics()).toContain(`${REQUESTS} 7\n`);
      expect(registry.getSingleMetric('thrift_server_errors_total')).toBeDefined();
    });

    @ThriftService(`Class of ${client}`)
    class ClassHandler {
      @Counted plain(): number {
        return 1;
      }
      @Counted({ labels: { op: ({ args }) => String(args[0]) } }) labelled(_op: number): number {
        return 1;
      }
      @Instrumented async later(): Promise<number> {
        return 1;
      }
      @Instrumented back(done: () => void): void {
        done();
      }
    }
    const instance = new ClassHandler();
    test.each<[string, () => unknown]>([
      ['a method', () => instance.plain()],
      ['a method with label functions', () => instance.labelled(1)],
      ['an async method', () => instance.later()],
      ['a callback method', () => instance.back(() => {})],
    ])(
      'a cleared registry is reported at the next call of %s, which puts the metrics back',
      async (_kind, call) => {
        configureMetrics({ defaultLabels: { env: 'prod' } });
        registry.clear();
        expect(codes()).toEqual([]);
        void call();
        expect(codes()).toEqual(['TM_ERR_REGISTRY_CLEARED']);
        expect(labelsIn(await registry.metrics(), REQUESTS, `"Class of ${client}"`)).toContainEqual(
          expect.objectContaining({ env: 'prod' }),
        );
        void call();
        expect(codes()).toHaveLength(1);
      },
    );

    test('a cleared registry is reported at the next declaration', () => {
      declare();
      registry.clear();
      instrumentHandler({ add: () => 1 }, { service: 'Next' });
      expect(codes()).toEqual(['TM_ERR_REGISTRY_CLEARED']);
    });

    test('a call after the metrics are back is counted once', async () => {
      const handler = declare();
      registry.clear();
      declare();
      handler.add();
      handler.add();
      expect(await registry.metrics()).toContain(`${line} 2\n`);
    });
  });

  describe('default labels that another library replaces', () => {
    test('the metrics of this package keep theirs in every format, and those of the program have the new ones', async () => {
      new Counter({ name: 'own_jobs_total', help: 'x', registers: [registry] }).inc();
      configureMetrics({ defaultLabels: { env: 'prod', shop: 'a' } });
      instrumentHandler({ add: () => 1 }, { service: 'Labelled', labels: { shop: 'own' } }).add();
      registry.setDefaultLabels({ env: 'other', app: 'nest' });

      const ours = { thrift_service: 'Labelled', env: 'prod', shop: 'own' };
      const theirs = { env: 'other', app: 'nest' };
      for (const text of [
        await registry.metrics(),
        (await renderMetrics()).body.toString(),
        (await renderMetrics({ accept: 'application/openmetrics-text' })).body.toString(),
      ]) {
        expect(labelsIn(text, REQUESTS, 'Labelled')).toEqual([
          { ...ours, thrift_method: 'add', app: 'nest' },
        ]);
        expect(labelsIn(text, 'own_jobs_total', '')).toEqual([theirs]);
      }

      const json = (await registry.getMetricsAsJSON()) as {
        name: string;
        values: { labels: Record<string, string> }[];
      }[];
      const jsonLabels = (name: string) =>
        json.find((metric) => metric.name === name)?.values.map(({ labels }) => labels);
      expect(jsonLabels(REQUESTS)).toContainEqual({ ...ours, thrift_method: 'add', app: 'nest' });
      expect(jsonLabels('own_jobs_total')).toEqual([theirs]);

      const { body } = await renderMetrics({
        accept:
          'application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited',
      });
      const protobuf = parseProtobuf(body);
      expect(JSON.stringify(protobuf.find(({ name }) => name === REQUESTS))).toMatch(/"prod"/);
      expect(JSON.stringify(protobuf.find(({ name }) => name === 'own_jobs_total'))).not.toMatch(
        /"prod"/,
      );
    });

    test('default labels are replaced as a whole by the next configureMetrics', async () => {
      instrumentHandler({ add: () => 1 }, { service: 'Replaced' });
      configureMetrics({ defaultLabels: { env: 'prod' } });
      registry.setDefaultLabels({});
      configureMetrics({ defaultLabels: { region: 'eu' } });
      expect(labelsIn(await registry.metrics(), REQUESTS, 'Replaced')).toEqual([
        { thrift_service: 'Replaced', thrift_method: 'add', region: 'eu' },
      ]);
    });
  });

  describe('process metrics', () => {
    const cpuLines = (text: string): string[] =>
      text.split('\n').filter((line) => line.startsWith('process_cpu_user_seconds_total'));

    test('a later collectDefaultMetrics of the program replaces those of this package', async () => {
      configureMetrics({ processMetrics: true });
      const own = registry.getSingleMetric('process_cpu_user_seconds_total');
      collectDefaultMetrics({ register: registry, labels: { by: 'program' } });
      expect(registry.getSingleMetric('process_cpu_user_seconds_total')).not.toBe(own);
      expect(cpuLines(await registry.metrics())).toHaveLength(1);
      expect(cpuLines((await renderMetrics()).body.toString())).toHaveLength(1);
      configureMetrics({ processMetrics: false });
      expect(cpuLines(await registry.metrics())).toEqual([expect.stringContaining('by="program"')]);
    });

    test('collectDefaultMetrics works after the registry was cleared and the metrics came back', () => {
      @ThriftService('Process')
      class Handler {
        @Counted run(): void {}
      }
      configureMetrics({ processMetrics: true });
      registry.clear();
      new Handler().run();
      expect(registry.getSingleMetric('process_cpu_user_seconds_total')).toBeDefined();
      expect(() => collectDefaultMetrics({ register: registry })).not.toThrow();
    });

    test("a metric with the name of this package's own is still refused by the client library", () => {
      instrumentHandler({ add: () => 1 }, { service: 'Kept' });
      expect(() => new Gauge({ name: REQUESTS, help: 'x', registers: [registry] })).toThrow(
        REQUESTS,
      );
    });
  });

  test('a registry from which the metrics have moved is as it was', () => {
    configureMetrics({ registry: new Registry() });
    expect(Reflect.ownKeys(registry)).toEqual(Reflect.ownKeys(new Registry()));
  });

  test('a registry that cannot get new properties is used as it is', async () => {
    const frozen = Object.preventExtensions(new Registry());
    configureMetrics({ registry: frozen });
    instrumentHandler({ add: () => 1 }, { service: 'Frozen' }).add();
    expect(await frozen.metrics()).toContain('thrift_service="Frozen"');
  });
});

function labelsIn(text: string, name: string, service: string): Record<string, string>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${name}{`) && line.includes(service))
    .map((line) =>
      Object.fromEntries(
        [...line.matchAll(/(\w+)="([^"]*)"/g)].map(([, label, value]) => [label, value]),
      ),
    );
}
