import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import {
  configureMetrics,
  ErrorsCounted,
  startMetricsServer,
  ThriftService,
  type MetricsServer,
} from '../../src/index';
import { isPrometheus } from '../support/prometheus-version';
import { startPrometheus, type Prometheus } from '../support/start-prometheus';

const FAILURES = 200;
const ERRORS = 'thrift_server_errors_total{thrift_exception_type="NeverSeen"}';

@ThriftService('Started')
class StartedHandler {
  @ErrorsCounted run(): void {
    throw Object.assign(new Error('failed on purpose'), { name: 'NeverSeen' });
  }
}

let server: MetricsServer;
let plain: Prometheus;
let withStarts: Prometheus | null = null;

beforeAll(async () => {
  configureMetrics({ registry: new Registry(), processMetrics: false });
  const handler = new StartedHandler();
  server = await startMetricsServer({ port: 0 });
  const target = `127.0.0.1:${server.port}`;
  plain = await startPrometheus(target);
  if (isPrometheus('2.50')) withStarts = await startPrometheus(target, ['start-timestamps']);
  const all = [plain, withStarts].filter((each) => each !== null);
  await Promise.all(all.map((each) => scraped(each, 'up == 1')));
  for (let i = 0; i < FAILURES; i++) expect(() => handler.run()).toThrow('failed on purpose');
  // Twice, so that even the plain one has two samples to compare.
  const twice = `count_over_time(${ERRORS}[1m]) >= 2`;
  await Promise.all(all.map((each) => scraped(each, twice)));
});

afterAll(async () => {
  await Promise.all([plain?.stop(), withStarts?.stop(), server?.close()]);
});

function scraped(prometheus: Prometheus, expression: string): Promise<number> {
  return vi.waitUntil(
    async () => {
      const [found] = await prometheus.query(expression);
      return found !== undefined && Number(found.value[1]);
    },
    { timeout: 30_000, interval: 100 },
  );
}

test('a series that begins with 200 has an increase where Prometheus reads its start, and none elsewhere', async () => {
  expect(await plain.query(`increase(${ERRORS}[1m]) > 0`)).toEqual([]);
  if (withStarts === null) return;
  const increase = await scraped(withStarts, `increase(${ERRORS}[1m])`);
  expect(increase).toBeGreaterThanOrEqual(FAILURES);
  // Prometheus extrapolates by less than one scrape interval at the end.
  expect(increase).toBeLessThan(FAILURES * 2);
});
