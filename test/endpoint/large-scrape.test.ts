import { EventEmitter, once } from 'node:events';
import http from 'node:http';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { Gauge, Registry } from 'prom-client';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  configureMetrics,
  Instrumented,
  renderMetrics,
  resetMetrics,
  startMetricsServer,
  ThriftService,
  type MetricsServer,
} from '../../src/index';
import { Compressor } from '../../src/endpoint/compression';
import { sharedScrapesOf } from '../../src/endpoint/shared-scrape';
import { currentRuntime } from '../../src/runtime/runtime';
import { TextWriter } from '../../src/scrape/text';
import { closing } from '../support/closing';
import { nextServerSocket } from '../support/next-server-socket';
import { send, type Answer } from '../support/send';

const FORMATS = {
  text: 'text/plain',
  OpenMetrics: 'application/openmetrics-text',
  protobuf:
    'application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited',
};
const ENCODINGS = ['gzip', 'br', 'identity'] as const;
const COMPRESSED = ['gzip', 'br'] as const;

@ThriftService('Large')
class LargeHandler {
  @Instrumented({ labels: { key: ({ args }) => `schlüssel ${String(args[0])}` } })
  run(_key: number): void {}
}
const handler = new LargeHandler();

const onError = vi.fn<(error: unknown, site: string) => void>();
let registry: Registry;
let server: MetricsServer;

beforeAll(() => {
  configureMetrics({ maxSeriesPerMetric: 10_000 });
  for (let key = 0; key < 4000; key++) handler.run(key);
});
beforeEach(async () => {
  registry = new Registry();
  onError.mockClear();
  resetMetrics();
  configureMetrics({ registry, onError, processMetrics: false });
  new Gauge({ name: 'small', help: 'A gauge.', registers: [registry] }).set(1);
  const other = new Gauge({
    name: 'other',
    help: 'A gauge of many series.',
    labelNames: ['series'],
    registers: [registry],
  });
  for (let series = 0; series < 10_000; series++) other.set({ series }, series / 7);
  server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
});
afterEach(async () => {
  vi.restoreAllMocks();
  expect((await scrape('gzip', {}, { query: '?name[]=small' })).status).toBe(200);
  await server.close();
});

function scrape(
  encoding: string,
  headers: Readonly<Record<string, string>> = {},
  { query = '', method = 'GET' } = {},
): Promise<Answer> {
  return send(`${server.url}/metrics${query}`, {
    method,
    headers: { 'accept-encoding': encoding, ...headers },
  });
}

function decompressed({ headers, body }: Answer): Buffer {
  switch (headers['content-encoding']) {
    case 'gzip':
      return gunzipSync(body);
    case 'br':
      return brotliDecompressSync(body);
    default:
      return body;
  }
}

/** Observes the compressors that are used from now on. */
function watchCompressors(instead?: Compressor['write']): { chunks(): number; open(): number } {
  const write = vi.spyOn(Compressor.prototype, 'write');
  if (instead !== undefined) write.mockImplementation(instead);
  return {
    chunks: () => write.mock.calls.length,
    // An internal field of Node: neither its list of active resources nor async_hooks shows when zlib closes one.
    open: () =>
      [...new Set(write.mock.contexts as Compressor[])].filter((compressor) => {
        const { _handle } = compressor['stream'] as unknown as { _handle: unknown };
        return _handle !== null;
      }).length,
  };
}

/** Observes the scrapes that begin from now on. */
function watchScrapes(): { running(): number; done(): Promise<unknown> } {
  const scrapes = sharedScrapesOf(currentRuntime());
  const runs = vi.spyOn(scrapes as unknown as { run(): Promise<void> }, 'run');
  return {
    running: () => scrapes['running'].size,
    done: () => Promise.allSettled(runs.mock.results.map(({ value }) => value as Promise<void>)),
  };
}

describe.each(Object.entries(FORMATS))('several MB in %s', (_format, accept) => {
  it.each(ENCODINGS)(
    'a large scrape encoded as %s is what renderMetrics returns',
    async (encoding) => {
      const { contentType, body } = await renderMetrics({ accept });
      expect(body.length).toBeGreaterThan(2_000_000);
      const compressors = watchCompressors();

      const answer = await scrape(encoding, { accept });

      expect(answer.headers['content-encoding'] ?? 'identity').toBe(encoding);
      expect(answer.headers['content-type']).toBe(contentType);
      expect(decompressed(answer).equals(body)).toBe(true);
      expect(compressors.chunks() > 0).toBe(encoding !== 'identity');
      expect(compressors.open()).toBe(0);
    },
  );

  it.each(ENCODINGS)(
    'HEAD of a large scrape encoded as %s has the same headers as GET',
    async (encoding) => {
      const get = await scrape(encoding, { accept });
      const head = await scrape(encoding, { accept }, { method: 'HEAD' });

      expect(head.body).toHaveLength(0);
      const { date: _now, ...headers } = get.headers;
      expect(head.headers).toMatchObject(headers);
      expect(Number(head.headers['content-length'])).toBe(get.body.length);
    },
  );
});

describe('a large compressed scrape', () => {
  it('a large scrape is compressed in chunks while it is rendered', async () => {
    const { body } = await renderMetrics();
    const compressors = watchCompressors();

    await scrape('gzip', {}, { query: '?name[]=thrift_server_latency_seconds' });

    expect(compressors.chunks()).toBeGreaterThan(body.length / 1_000_000);
  });

  it.each(COMPRESSED)(
    'a scrape compressed by %s leaves nothing behind when its reader disconnects',
    async (encoding) => {
      const events = new EventEmitter();
      const middle = once(events, 'middle');
      const released = once(events, 'release');
      const { write } = Compressor.prototype;
      const compressors = watchCompressors(async function (this: Compressor, chunk) {
        if (compressors.chunks() === 4) {
          events.emit('middle');
          await released;
        }
        return write.call(this, chunk);
      });
      const scrapes = watchScrapes();
      const serverSocket = nextServerSocket();
      const headers = { 'accept-encoding': encoding };
      const request = http
        .get(`${server.url}/metrics`, { headers, agent: false })
        .on('error', () => {});
      await middle;
      expect(compressors.open()).toBe(1);

      const gone = closing(await serverSocket);
      request.destroy();
      await gone;
      events.emit('release');
      await scrapes.done();

      // The render stops, because nobody reads it any more.
      expect(compressors.chunks()).toBe(4);
      expect(compressors.open()).toBe(0);
      expect(scrapes.running()).toBe(0);
      expect(onError).not.toHaveBeenCalled();
    },
  );

  it.each(COMPRESSED)(
    'a scrape compressed by %s is answered with 500 when rendering fails midway',
    async (encoding) => {
      const compressors = watchCompressors();
      const scrapes = watchScrapes();
      const fault = new Error('no more');
      vi.spyOn(TextWriter.prototype, 'finish').mockImplementation(() => {
        throw fault;
      });

      const { status, headers, text } = await scrape(encoding);

      expect([status, text]).toEqual([500, 'the metrics could not be written\n']);
      expect(headers['content-encoding']).toBeUndefined();
      expect(onError.mock.calls).toEqual([[fault, 'endpoint']]);
      expect(compressors.chunks()).toBeGreaterThan(3);
      expect(compressors.open()).toBe(0);
      expect(scrapes.running()).toBe(0);
    },
  );

  it.each(COMPRESSED)(
    'a scrape compressed by %s is answered with 500 when compression fails',
    async (encoding) => {
      const fault = new Error('no memory');
      const { write } = Compressor.prototype;
      const compressors = watchCompressors(function (this: Compressor, chunk) {
        // Fails as zlib does, without calling back.
        this['stream']._transform = () => void this['stream'].destroy(fault);
        return write.call(this, chunk);
      });
      const scrapes = watchScrapes();

      const { status } = await scrape(encoding);

      expect(status).toBe(500);
      expect(onError.mock.calls).toEqual([[fault, 'endpoint']]);
      expect(compressors.open()).toBe(0);
      expect(scrapes.running()).toBe(0);
    },
  );

  it.each(COMPRESSED)(
    'a scrape compressed by %s is answered with 503 when its time is over',
    async (encoding) => {
      const compressors = watchCompressors();
      const scrapes = watchScrapes();

      const { status, headers, text } = await scrape(encoding, {
        'x-prometheus-scrape-timeout-seconds': '0.001',
      });

      expect(status).toBe(503);
      expect(text).toBe('the scrape took longer than X-Prometheus-Scrape-Timeout-Seconds\n');
      expect(headers['content-encoding']).toBeUndefined();
      await scrapes.done();
      expect(scrapes.running()).toBe(0);
      expect(compressors.open()).toBe(0);
    },
  );
});
