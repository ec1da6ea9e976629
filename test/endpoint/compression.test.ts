import { brotliDecompressSync, gunzipSync } from 'node:zlib';

import { Gauge, Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { configureMetrics, startMetricsServer, type MetricsServer } from '../../src/index';
import { send, type Answer } from '../support/send';

const registry = new Registry();
let server: MetricsServer;
beforeAll(async () => {
  configureMetrics({ registry, processMetrics: false });
  const gauge = new Gauge({
    name: 'compressed',
    help: 'A gauge of many series.',
    labelNames: ['series'],
    registers: [registry],
  });
  for (let series = 0; series < 200; series++) gauge.set({ series: `série ${series}` }, series);
  server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
});
afterAll(() => server.close());

function scrape(
  acceptEncoding?: string,
  method = 'GET',
  path = '/metrics?name[]=compressed',
): Promise<Answer> {
  return send(server.url + path, {
    method,
    headers: acceptEncoding === undefined ? {} : { 'accept-encoding': acceptEncoding },
  });
}

function decompressed({ headers, body }: Answer): string {
  switch (headers['content-encoding']) {
    case 'gzip':
      return gunzipSync(body).toString();
    case 'br':
      return brotliDecompressSync(body).toString();
    default:
      return body.toString();
  }
}

describe('compression', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['br', 'br'],
    ['*', 'gzip'],
    ['deflate, zstd', undefined],
    ['gzip, deflate, br, zstd', 'gzip'],
    ['br;q=1, gzip;q=0.8', 'br'],
    ['br;q=0.8,gzip ; q=0.9', 'gzip'],
    ['gzip;q=0', undefined],
    ['gzip;q=0.0, br', 'br'],
    ['gzip;q=0, *', 'br'],
    ['gzip;q=0, br;q=0, *', undefined],
    ['*;q=0', undefined],
    ['*;q=0, br;q=0.1', 'br'],
    ['identity;q=1, gzip;q=0.5', undefined],
    ['identity;q=0.5, gzip;q=1', 'gzip'],
    ['identity;q=0', undefined],
  ])('the answer to Accept-Encoding %j is encoded as %j', async (accepted, encoding) => {
    const plain = await scrape();
    const answer = await scrape(accepted);
    expect(answer.status).toBe(200);
    expect(answer.headers['content-encoding']).toBe(encoding);
    expect(answer.headers['content-length']).toBe(String(answer.body.length));
    expect(decompressed(answer)).toBe(plain.text);
    if (encoding !== undefined) expect(answer.body.length).toBeLessThan(plain.body.length / 4);
  });

  it.each([
    ['gzip;q=abc', undefined],
    ['gzip;q=2', undefined],
    ['gzip;q=-1', undefined],
    ['gzip;q=Infinity', undefined],
    [';;;,,,=;q', undefined],
    ['gzip;;q=1', 'gzip'],
    [',gzip,', 'gzip'],
    ['gzip gzip', undefined],
    [','.repeat(8000), undefined],
  ])(
    'the answer to the malformed Accept-Encoding %j is encoded as %j',
    async (accepted, encoding) => {
      const answer = await scrape(accepted);
      expect([answer.status, answer.headers['content-encoding']]).toEqual([200, encoding]);
      expect(decompressed(answer)).toContain('compressed{series="série 7"} 7\n');
    },
  );

  it('an answer of less than 1 KiB is not compressed', async () => {
    const { headers, text } = await scrape('gzip, br', 'GET', '/metrics?name[]=none');
    expect(headers['content-encoding']).toBeUndefined();
    expect(text).not.toContain('compressed');
  });

  it('an answer has a Vary header, compressed or not', async () => {
    for (const accepted of ['gzip', 'identity']) {
      const { headers } = await scrape(accepted);
      expect(headers.vary).toBe('Accept, Accept-Encoding');
    }
  });

  it('the answer to HEAD has the headers of the answer to GET, and no body', async () => {
    for (const accepted of ['gzip', 'br', 'identity']) {
      const [head, get] = await Promise.all([scrape(accepted, 'HEAD'), scrape(accepted)]);
      expect(head.body).toHaveLength(0);
      const { date: _now, ...headers } = get.headers;
      expect(head.headers).toMatchObject(headers);
    }
  });

  it('concurrent readers each get the encoding they ask for', async () => {
    const encodings = ['gzip', 'br', 'identity', 'gzip', 'br', 'identity'];
    const answers = await Promise.all(encodings.map((encoding) => scrape(encoding)));
    expect(answers.map(({ headers }) => headers['content-encoding'] ?? 'identity')).toEqual(
      encodings,
    );
    expect(new Set(answers.map(decompressed)).size).toBe(1);
  });
});
