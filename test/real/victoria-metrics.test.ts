import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';

import {
  configureMetrics,
  Instrumented,
  Objective,
  startMetricsServer,
  type MetricsServer,
} from '../../src/index';
import { renderRules } from '../../src/tools/cli/rules-command';
import { documentedVersion } from '../support/documented-version';
import { exampleRules } from '../support/example-rules';
import { familyNamed, seriesWith } from '../support/family-named';
import { isAtLeast } from '../support/prometheus-version';
import { runProgram } from '../support/start-program';
import { startVictoriaMetrics, type VictoriaMetrics } from '../support/start-victoria-metrics';

const LATENCY = 'thrift_server_latency_seconds';

@Instrumented({ service: 'Stored' })
@Objective({ availability: 0.9, latency: { target: 0.5, within: 1 } })
class StoredHandler {
  run(fails: boolean): void {
    if (fails) throw new RangeError('failed on purpose');
  }

  idle(): void {}
}

let server: MetricsServer;
let victoria: VictoriaMetrics;

beforeAll(async () => {
  const registry = new Registry();
  configureMetrics({ registry, processMetrics: false });
  const rules = exampleRules({ histograms: 'classic' });
  server = await startMetricsServer({ port: 0 });
  victoria = await startVictoriaMetrics(`127.0.0.1:${server.port}`, renderRules(rules));
  await answer('thrift_server_requests_total{thrift_method="run"} == 0');
  call(registry);
});

afterAll(async () => {
  await Promise.all([victoria?.stop(), server?.close()]);
});

/** Makes 100 calls: 25 fail, 25 take 2 s, the others 20 ms. */
function call(registry: Registry): void {
  const handler = new StoredHandler();
  for (let i = 0; i < 75; i++) handler.run(false);
  for (let i = 0; i < 25; i++) expect(() => handler.run(true)).toThrow(RangeError);
  const family = familyNamed(registry, LATENCY, 'histogram');
  for (const [success, latencies] of [
    ['true', { 0.02: 50, 2: 25 }],
    ['false', { 0.02: 25 }],
  ] as const) {
    const labels = { thrift_method: 'run', thrift_success: success };
    const { cell } = seriesWith(family, labels);
    cell.reset();
    for (const [latency, times] of Object.entries(latencies)) {
      for (let i = 0; i < times; i++) cell.observe(Number(latency));
    }
  }
}

/** The only result of a query, as soon as there is one. */
async function answer(expression: string): Promise<number> {
  const [found, ...others] = await vi.waitUntil(
    async () => {
      const results = await victoria.query(expression);
      return results.length > 0 && results;
    },
    { timeout: 30_000, interval: 100 },
  );
  expect(others, expression).toEqual([]);
  return Number(found?.value[1]);
}

const recorded = (record: string, objective?: string): Promise<number> =>
  answer(
    `job_service_method:${record}{thrift_method="run"${objective === undefined ? '' : `,thrift_objective="${objective}"`}} > 0`,
  );

test('VictoriaMetrics scrapes every count of the endpoint', async () => {
  const of = '{thrift_method="run"';
  await answer(`thrift_server_requests_total${of}} == 100`);
  expect(await victoria.targets()).toMatchObject([{ health: 'up', lastError: '' }]);
  expect(await answer(`thrift_server_failed_requests_total${of}} > 0`)).toBe(25);
  expect(await answer(`sum(${LATENCY}_count${of}})`)).toBe(100);
  expect(await answer(`sum(${LATENCY}_bucket${of},le=~"1|1\\\\.0"})`)).toBe(75);
  expect(await answer('thrift_server_requests_total{thrift_method="idle"}')).toBe(0);
});

test('vmalert evaluates every rule that is generated for classic buckets', async () => {
  const rules = await vi.waitUntil(
    async () => {
      const found = await victoria.rules();
      return found.every(({ health }) => health !== 'unknown') && found;
    },
    { timeout: 30_000, interval: 200 },
  );

  expect(rules.length).toBeGreaterThan(40);
  expect(rules.filter(({ health }) => health !== 'ok')).toEqual([]);
});

test('the recorded ratios, quantiles and budgets are right in VictoriaMetrics', async () => {
  expect(await recorded('thrift_server_failed_requests:ratio_rate5m')).toBeCloseTo(0.25, 6);
  expect(await recorded('thrift_objective_errors:ratio_rate5m', 'availability')).toBeCloseTo(
    0.25,
    6,
  );
  expect(await recorded('thrift_objective_errors:ratio_rate5m', 'latency')).toBeCloseTo(0.25, 6);
  const left = 'thrift_objective_error_budget:remaining_ratio';
  expect(await recorded(left, 'latency')).toBeCloseTo(0.5, 6);
  // Between the bounds 10 ms and 25 ms, and between 1 s and 2.5 s.
  const median = await recorded(`${LATENCY}:p50_5m`);
  expect(median).toBeGreaterThan(0.01);
  expect(median).toBeLessThanOrEqual(0.025);
  const slow = await recorded(`${LATENCY}:p99_5m`);
  expect(slow).toBeGreaterThan(1);
  expect(slow).toBeLessThanOrEqual(2.5);
});

test('an alert of VictoriaMetrics fires when the failures spend the budget, and not for a method without calls', async () => {
  const firing = 'ALERTS{alertname="ThriftAvailabilityBudgetBurn",alertstate="firing"';
  expect(await answer(`count(${firing},thrift_method="run"})`)).toBeGreaterThan(0);
  expect(await victoria.query(`${firing},thrift_method="idle"}`)).toEqual([]);
});

test('vmalert accepts the rules of the example for classic buckets, and refuses functions of native histograms', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'vmalert-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const check = async (histograms: 'any' | 'classic') => {
    const file = join(folder, `${histograms}.yml`);
    await writeFile(file, renderRules(exampleRules({ histograms })));
    return runProgram('vmalert', ['-dryRun', `-rule=${file}`]);
  };

  expect(await check('classic')).toMatchObject({ code: 0 });
  expect(await check('any')).toMatchObject({
    code: 255,
    stderr: expect.stringContaining('histogram_count'),
  });
});

test('docs/reference/compatibility.md has the version of VictoriaMetrics that these tests start', () => {
  const documented = documentedVersion('VictoriaMetrics, vmalert', 'newest');
  // Debian's build does not know its version.
  const changelog =
    '../../build/programs/newest/usr/share/doc/victoria-metrics/changelog.Debian.gz';
  const text = gunzipSync(readFileSync(join(__dirname, changelog))).toString();
  const version = /\((\d+\.\d+\.\d+)/.exec(text)?.[1] ?? '';

  expect(isAtLeast(version, documented)).toBe(true);
});
