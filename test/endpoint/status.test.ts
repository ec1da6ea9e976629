import { existsSync } from 'node:fs';
import http from 'node:http';

import { Registry } from 'prom-client';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import {
  configureMetrics,
  instrument,
  Instrumented,
  metricsHandler,
  startMetricsServer,
  type MetricsServer,
  type MetricsServerOptions,
} from '../../src/index';
import { endpointFile, readEndpointFile } from '../../src/tools/status/endpoint-file';
import type { ProcessStatus } from '../../src/tools/status/process-status';
import { listen } from '../support/listen';
import { send } from '../support/send';

const servers: MetricsServer[] = [];
beforeEach(() => configureMetrics({ registry: new Registry() }));
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

@Instrumented
class ShownHandler {
  static run(): void {}
}
ShownHandler.run();

async function start(options: MetricsServerOptions = {}): Promise<MetricsServer> {
  const server = await startMetricsServer({ port: 0, ...options });
  servers.push(server);
  return server;
}

test.each([{}, { page: false }, { path: '/' }])(
  'a metrics server with %j serves the status as JSON that no page may read',
  async (options) => {
    const { url } = await start(options);
    const { status, headers, body } = await send(`${url}/-/status`);
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
    const { instrumented, process: described } = JSON.parse(body.toString()) as ProcessStatus;
    expect(described.pid).toBe(process.pid);
    expect(instrumented.handlers.map(({ service }) => service)).toContain('Shown');
  },
);

test('the status needs the same authentication as the metrics', async () => {
  const { url } = await start({ auth: { username: 'u', password: 'p' } });
  expect((await send(`${url}/-/status`)).status).toBe(401);
  const headers = { authorization: `Basic ${Buffer.from('u:p').toString('base64')}` };
  const { status, body } = await send(`${url}/-/status`, { headers });
  expect(status).toBe(200);
  const { endpoints } = JSON.parse(body.toString()) as ProcessStatus;
  expect(endpoints.find((endpoint) => endpoint.url === url)?.auth).toBe('basic');
});

test('the status allows only GET and HEAD, and HEAD has no body', async () => {
  const { url } = await start();
  expect((await send(`${url}/-/status`, { method: 'POST' })).status).toBe(405);
  const { status, headers, body } = await send(`${url}/-/status`, { method: 'HEAD' });
  expect({ status, length: body.length }).toEqual({ status: 200, length: 0 });
  expect(Number(headers['content-length'])).toBeGreaterThan(100);
});

test('metricsHandler serves the status below any path, and metrics at all other paths', async () => {
  const server = http.createServer(metricsHandler());
  const listening = await listen(server);
  onTestFinished(() => listening.close());
  const url = `http://127.0.0.1:${listening.port}`;
  for (const path of ['/-/status', '/metrics/-/status']) {
    // oxlint-disable-next-line no-await-in-loop -- two requests
    const { headers } = await send(`${url}${path}`);
    expect(headers['content-type']).toBe('application/json; charset=utf-8');
  }
  const { headers } = await send(`${url}/metrics`);
  expect(headers['content-type']).toMatch(/^text\/plain/);
});

/** Reads until the status is as expected, because readers that come in quick succession share one. */
function readUntil(
  url: string,
  expected: (status: ProcessStatus) => void,
  headers: Record<string, string> = {},
): Promise<ProcessStatus> {
  return vi.waitFor(async () => {
    const { text } = await send(`${url}/-/status`, { headers });
    const status = JSON.parse(text) as ProcessStatus;
    expected(status);
    return status;
  }, 3000);
}

test('the status says what each endpoint offers', async () => {
  const auth = { username: 'reader', password: 'offers' };
  metricsHandler({ auth, page: false, profile: true });
  metricsHandler({ auth });
  const { url } = await start({ auth, profile: true });
  const credentials = Buffer.from('reader:offers').toString('base64');
  await readUntil(
    url,
    ({ endpoints }) => {
      const offered = endpoints.map(({ startedBy, page, profile }) => [startedBy, page, profile]);
      expect(offered).toContainEqual(['metricsHandler', false, true]);
      expect(offered).toContainEqual(['metricsHandler', true, false]);
      expect(offered).toContainEqual(['startMetricsServer', true, true]);
    },
    { authorization: `Basic ${credentials}` },
  );
});

test('a server whose metrics are at / has no page', async () => {
  const { url } = await start({ path: '/' });
  await readUntil(url, ({ endpoints }) =>
    expect(endpoints.find((endpoint) => endpoint.url === url)?.page).toBe(false),
  );
});

test('the status says what is kept of calls and errors, and never shows a function', async () => {
  onTestFinished(() => configureMetrics({ errorDetails: true, calls: true, callers: true }));
  const { url } = await start();
  configureMetrics({
    errorDetails: (text) => text.replaceAll('hunter2', ''),
    calls: { arguments: 'types' },
    callers: false,
  });
  const redacted = await readUntil(url, ({ details }) =>
    expect(details).toEqual({
      calls: true,
      arguments: true,
      errors: 'redacted',
      callers: 'none',
    }),
  );
  const errorDetails = { name: 'errorDetails', value: '"(set)"', origin: 'code' };
  expect(redacted.settings).toContainEqual(errorDetails);
  expect(JSON.stringify(redacted)).not.toContain('hunter2');
  configureMetrics({ errorDetails: false, calls: false, callers: true });
  await readUntil(url, ({ details }) =>
    expect(details).toEqual({
      calls: false,
      arguments: false,
      errors: 'not kept',
      callers: 'all',
    }),
  );
});

test('handlers that do not differ are one endpoint', async () => {
  for (let i = 0; i < 3; i++) metricsHandler({ auth: { token: 't' } });
  const { url } = await start();
  await readUntil(url, ({ endpoints }) =>
    expect(endpoints.filter(({ auth }) => auth === 'token')).toHaveLength(1),
  );
});

test('a process names its endpoints in a file for doctor while they are open', async () => {
  const first = await start();
  const second = await start();
  expect(readEndpointFile(process.pid)).toEqual([first.url, second.url]);
  await first.close();
  expect(readEndpointFile(process.pid)).toEqual([second.url]);
  await second.close();
  expect(existsSync(endpointFile(process.pid))).toBe(false);
});

test.each(['status', 'declaration'])(
  'a flood of readers shares few answers of /-/%s',
  async (name) => {
    const { url } = await start();
    const answers = new Set<string>();
    const begin = performance.now();
    // Each reader declares a service, so each new answer differs.
    for (let i = 0; i < 60; i++) {
      instrument(() => {}, { service: `Flood${i}`, method: name });
      // oxlint-disable-next-line no-await-in-loop -- one reader after the other
      const { text } = await send(`${url}/-/${name}`);
      answers.add(text);
    }
    const seconds = Math.ceil((performance.now() - begin) / 1000) + 1;
    expect(answers.size).toBeLessThanOrEqual(10 * seconds);
  },
);
