import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { bucketMatcher } from '../../src/tools/promql';
import {
  configureMetrics,
  renderMetrics,
  startMetricsServer,
  Timed,
  type MetricsServer,
} from '../../src/index';
import { isPrometheus } from '../support/prometheus-version';
import { startPrometheus, type Prometheus } from '../support/start-prometheus';

const BOUNDS = [0.000025, 0.25, 1, 2.5, 10, 1_000_000, 2_500_000];

class BoundsHandler {
  @Timed('bounds_seconds', { buckets: BOUNDS })
  static see() {}
}

let openMetrics: MetricsServer;
let text: Server;
const started: Prometheus[] = [];

beforeAll(async () => {
  configureMetrics({ processMetrics: false });
  BoundsHandler.see();
  openMetrics = await startMetricsServer({ port: 0 });
  // Serves what a Prometheus gets that asks for text, or that is behind a proxy that does.
  text = createServer(async (_, response) => {
    const { contentType, body } = await renderMetrics();
    response.setHeader('content-type', contentType).end(body);
  });
  text.listen(0, '127.0.0.1');
  await once(text, 'listening');
});

afterAll(async () => {
  await Promise.all(started.map((prometheus) => prometheus.stop()));
  await openMetrics?.close();
  text?.closeAllConnections();
  text?.close();
});

test.each([
  // Prometheus 3 writes the bounds of all formats as OpenMetrics does.
  ['text', isPrometheus('3.0') ? '1.0' : '1', []],
  ['OpenMetrics', '1.0', []],
  ['protobuf', '1.0', ['native-histograms']],
] as const)(
  'a bucket scraped as %s, which has le="%s", is found by its bound',
  async (format, one, features) => {
    const { port } = format === 'text' ? (text.address() as AddressInfo) : openMetrics;
    const prometheus = await startPrometheus(`127.0.0.1:${port}`, features);
    started.push(prometheus);
    const all = await vi.waitUntil(
      async () => {
        const found = await prometheus.query('bounds_seconds_bucket{thrift_success="true"}');
        return found.length > 0 ? found : undefined;
      },
      { timeout: 30_000, interval: 100 },
    );

    const bounds = all.map(({ metric }) => metric['le'] ?? '');
    expect(bounds).toHaveLength(BOUNDS.length + 1);
    expect(bounds).toContain(one);
    for (const bound of BOUNDS) {
      const series = `bounds_seconds_bucket{thrift_success="true",${bucketMatcher(bound)}}`;
      const found = (await prometheus.query(series)).map(({ metric }) => Number(metric['le']));
      expect(found).toEqual([bound]);
    }
  },
);
