import { existsSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { join } from 'node:path';

import { Registry } from 'prom-client';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';

import {
  configureMetrics,
  Instrumented,
  startMetricsServer,
  type MetricsServer,
  type MetricsServerOptions,
} from '../../src/index';
import { send, type Answer } from '../support/send';

const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const FILES = [
  'page.css',
  'uplot.css',
  'main.js',
  'shared.js',
  'profile.js',
  'uplot.js',
  'icon.svg',
  'icon-trouble.svg',
  'icon-lost.svg',
];

const servers: MetricsServer[] = [];
beforeAll(() => {
  if (!existsSync(join(__dirname, '../../dist/page'))) {
    throw new Error('not built: npm run build');
  }
});
beforeEach(() => {
  configureMetrics({ registry: new Registry(), defaultLabels: { env: 'test' } });
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

@Instrumented
class ShownHandler {
  static run(): void {}
}
ShownHandler.run();

async function start(
  options: MetricsServerOptions = {},
): Promise<(path: string) => Promise<Answer>> {
  const server = await startMetricsServer({ port: 0, ...options });
  servers.push(server);
  return (path) => send(`${server.url}${path}`);
}

it.each(['/', '/-/overview.json?window=60', ...FILES.map((name) => `/-/${name}`)])(
  'the page serves %s with headers that forbid other origins',
  async (path) => {
    const get = await start();
    const { status, headers } = await get(path);
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toBe(POLICY);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  },
);

it('only figures say when newer ones are there', async () => {
  const get = await start();
  const untilNewer = async (path: string) =>
    (await get(path)).headers['thrift-metrics-until-newer'];
  expect(Number(await untilNewer('/-/overview.json?window=60'))).toBeLessThanOrEqual(2000);
  expect(await untilNewer('/')).toBe(undefined);
  expect(await untilNewer('/-/main.js')).toBe(undefined);
});

it('the document of the page names no other host and has no inline scripts or styles', async () => {
  const get = await start();
  const { text } = await get('/');
  expect(text).not.toMatch(/https?:|<style|style=|\son\w+=|<script(?![^>]* src=)/);
  for (const [, path = ''] of text.matchAll(/(?:src|href)="\.(\/[^"]*)"/g)) {
    expect((await get(path)).status, path).toBe(200);
  }
});

it('the page serves every module that its program imports', async () => {
  const get = await start();
  const loaded = new Set(['main.js']);
  for (const name of loaded) {
    const { status, headers, text } = await get(`/-/${name}`);
    expect([name, status, headers['content-type']]).toEqual([
      name,
      200,
      'text/javascript; charset=utf-8',
    ]);
    for (const [, other = ''] of text.matchAll(/\b(?:from ?|import\()["']\.\/([^"']*)["']/g)) {
      loaded.add(other);
    }
  }
  expect(loaded).toContain('uplot.js');
  expect(loaded).toContain('profile.js');
});

it('the page links to the path of the metrics and escapes it', async () => {
  const get = await start({ path: '/a"><script>' });
  const { text } = await get('/');
  expect(text).toContain('<a href="./a&quot;&gt;&lt;script&gt;">');
});

it.each(['/', '/-/main.js'])(
  'the page sends %s once, and then 304 to a client that has it',
  async (path) => {
    await start();
    const url = `${servers[0]?.url}${path}`;
    const { headers } = await send(url);
    const etag = headers.etag ?? '';
    expect(headers['cache-control']).toBe('no-cache');
    for (const held of [etag, `W/${etag}`, `"other", ${etag}`]) {
      const again = await send(url, { headers: { 'If-None-Match': held } });
      expect([again.status, again.text]).toEqual([304, '']);
    }
    expect((await send(url, { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
  },
);

it('the page compresses long files and forbids caching of figures', async () => {
  await start();
  const url = `${servers[0]?.url}/-/uplot.js`;
  const plain = await send(url);
  const packed = await send(url, { headers: { 'Accept-Encoding': 'gzip' } });
  expect(packed.headers['content-encoding']).toBe('gzip');
  expect(gunzipSync(packed.body).equals(plain.body)).toBe(true);
  const figures = await send(`${servers[0]?.url}/-/overview.json`);
  expect(figures.headers['cache-control']).toBe('no-store');
  expect(figures.headers.etag).toBeUndefined();
});

it('the page answers HEAD without a body', async () => {
  await start();
  for (const path of ['/', '/-/page.css', '/-/overview.json']) {
    const { status, text } = await send(`${servers[0]?.url}${path}`, { method: 'HEAD' });
    expect([path, status, text]).toEqual([path, 200, '']);
  }
});

it('the page answers other methods with 405', async () => {
  await start();
  expect((await send(`${servers[0]?.url}/`, { method: 'POST' })).status).toBe(405);
});

it.each(['/-/', '/-/nothing.js', '/-/../package.json', '/-/%2e%2e/index.js', '/-/protocol.ts'])(
  'the page has nothing at %s',
  async (path) => {
    const get = await start();
    expect((await get(path)).status).toBe(404);
  },
);

it('the page serves the figures of declared methods and the default labels', async () => {
  const get = await start();
  const { text, headers } = await get('/-/overview.json?window=60');
  expect(headers['content-type']).toBe('application/json; charset=utf-8');
  const overview = JSON.parse(text) as { defaultLabels: unknown; methods: unknown[] };
  expect(overview.defaultLabels).toEqual({ env: 'test' });
  expect(overview.methods).toContainEqual(
    expect.objectContaining({ service: 'Shown', method: 'run', inFlight: 0 }),
  );
  const detail = await get('/-/method.json?service=Shown&method=run&window=60');
  expect(JSON.parse(detail.text)).toMatchObject({ declaredBy: 'ShownHandler', errors: [] });
});

it('the page has no figures of a method that is not declared', async () => {
  const get = await start();
  expect((await get('/-/method.json?service=Shown&method=other')).status).toBe(404);
  expect((await get('/-/method.json')).status).toBe(404);
});

it.each(['window=x', 'window=-1', 'window=0', 'window=999999999999', 'until=99', 'until=x'])(
  'the page answers the query %s with the figures it holds',
  async (query) => {
    const get = await start();
    const { status, text } = await get(`/-/overview.json?${query}`);
    expect(status).toBe(200);
    expect(JSON.parse(text)).toMatchObject({ sample: 0 });
  },
);

it.each([
  ['a password', { username: 'a', password: 'b' }, `Basic ${btoa('a:b')}`],
  ['a function', ({ headers }: IncomingMessage) => headers.authorization === 'x', 'x'],
])('auth with %s guards the page and everything it loads', async (_name, auth, Authorization) => {
  const get = await start({ auth });
  for (const path of ['/', '/-/main.js', '/-/overview.json', '/-/nothing']) {
    const refused = await send(`${servers[0]?.url}${path}`, { headers: { Accept: 'text/html' } });
    expect([refused.status, refused.text]).toEqual([401, 'authentication is needed\n']);
    expect((await get(path)).status).toBe(401);
    const headers = { Authorization };
    const { status } = await send(`${servers[0]?.url}${path}`, { headers });
    expect(status).toBe(path === '/-/nothing' ? 404 : 200);
  }
});

it('a token guards all figures, and the document for everyone who does not ask for HTML', async () => {
  const get = await start({ auth: { token: 'secret' } });
  for (const path of ['/', '/metrics', '/-/overview.json', '/-/method.json', '/-/nothing']) {
    const { status, text, headers } = await get(path);
    expect([path, status, text]).toEqual([path, 401, 'authentication is needed\n']);
    expect(headers['www-authenticate']).toBe('Bearer realm="metrics"');
  }
  const post = { method: 'POST', headers: { Accept: 'text/html' } };
  expect((await send(`${servers[0]?.url}/`, post)).text).toBe('authentication is needed\n');
});

it('a browser without the token gets the document of the page with the 401, and the files that it loads', async () => {
  const get = await start({ auth: { token: 'secret' } });
  const accept = { headers: { Accept: 'text/html', 'If-None-Match': '*' } };
  const { status, text, headers } = await send(`${servers[0]?.url}/`, accept);
  expect([status, headers['www-authenticate'], headers['cache-control'], headers.etag]).toEqual([
    401,
    'Bearer realm="metrics"',
    'no-store',
    undefined,
  ]);
  expect(headers['content-security-policy']).toBe(POLICY);
  expect(text).toContain('<script type="module" src="./-/main.js">');
  for (const name of FILES) expect((await get(`/-/${name}`)).status).toBe(200);
});

it('page: false disables the page', async () => {
  const get = await start({ page: false });
  for (const path of ['/', '/-/main.js', '/-/overview.json']) {
    const { status, text } = await get(path);
    expect([status, text]).toEqual([404, 'the metrics are at /metrics\n']);
  }
});

it('the metrics replace the page when their path is `/`', async () => {
  const get = await start({ path: '/' });
  expect((await get('/')).headers['content-type']).toContain('text/plain; version=0.0.4');
});

it.each(['/-/', '/-/metrics'])(
  'startMetricsServer rejects %s as the path of the metrics',
  async (path) => {
    await expect(startMetricsServer({ port: 0, path })).rejects.toMatchObject({
      code: 'TM_ERR_OPTION_INVALID',
      message: expect.stringContaining("not below '/-/'") as string,
    });
  },
);
