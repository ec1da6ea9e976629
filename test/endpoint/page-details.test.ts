import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { Registry } from 'prom-client';
import { afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  metricsHandler,
  startMetricsServer,
} from '../../src/index';
import type { MetricsServerOptions } from '../../src/endpoint/server-options';
import { HIDDEN_FROM_READER, NOT_KEPT } from '../../src/tools/hidden-details';
import type { MethodDetail } from '../../src/tools/page/browser/protocol';
import { send } from '../support/send';

const auth = { token: 'secret' };
const authorization = 'Bearer secret';

const handler = instrumentHandler(
  {
    pay(card: string): void {
      throw new RangeError(`card ${card} was declined`);
    },
  },
  { service: 'Private' },
);

beforeAll(() => {
  configureMetrics({ registry: new Registry() });
});
afterEach(() => configureMetrics({ errorDetails: true }));

async function fail(): Promise<void> {
  expect(() => handler.pay('4111')).toThrow(RangeError);
  await new Promise((resolve) => setImmediate(resolve));
}

async function detailAt(url: string, headers: Record<string, string> = {}): Promise<MethodDetail> {
  const path = '/-/method.json?service=Private&method=pay&window=60';
  const { text } = await send(url + path, { headers });
  return JSON.parse(text) as MethodDetail;
}

async function start(options: MetricsServerOptions = {}): Promise<string> {
  const server = await startMetricsServer({ port: 0, ...options });
  onTestFinished(() => server.close());
  return `http://127.0.0.1:${server.port}`;
}

/** Waits until the page has sampled the error. */
async function sampled(url: string, headers: Record<string, string> = {}): Promise<MethodDetail> {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each answer is that of a later sample
    const found = await detailAt(url, headers);
    if (found.errors.length > 0) return found;
    // oxlint-disable-next-line no-await-in-loop -- waits for the next sample
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('a server that anyone can reach shows errors without their messages and stacks', async () => {
  const url = await start();
  await fail();
  const { errors, hidden } = await sampled(url);
  expect(hidden).toBe(HIDDEN_FROM_READER);
  expect(errors).toMatchObject([{ type: 'RangeError', count: 1, said: null }]);
  const { text: calls } = await send(`${url}/-/calls`);
  expect(JSON.parse(calls)).toMatchObject({ hidden });
  const { text } = await send(`${url}/-/overview.json`);
  expect(JSON.stringify(errors) + text).not.toContain('card 4111');
});

test('a server on a loopback address shows messages and stacks to its machine, but not to other hosts or through a proxy', async () => {
  const url = await start({ host: '127.0.0.1' });
  await fail();
  const { errors, hidden } = await sampled(url);
  expect(hidden).toBeNull();
  expect(errors).toMatchObject([
    { said: { message: 'card 4111 was declined', process: String(process.pid) } },
  ]);
  expect(errors[0]?.said?.stack).toContain('page-details.test.ts');
  for (const headers of [{ host: 'rebound.test' }, { 'x-forwarded-for': '203.0.113.9' }]) {
    const other = await detailAt(url, headers);
    expect([other.hidden, other.errors[0]?.said]).toEqual([HIDDEN_FROM_READER, null]);
  }
});

test('a server with auth shows messages and stacks to its readers, wherever it listens', async () => {
  const url = await start({ auth });
  await fail();
  const { errors } = await sampled(url, { authorization });
  expect(errors).toMatchObject([{ said: { message: 'card 4111 was declined' } }]);
  expect((await send(`${url}/-/method.json?service=Private&method=pay`)).status).toBe(401);
});

test('a handler on all interfaces shows messages and stacks only with auth, also where both kinds of handlers share a page', async () => {
  const handlers = { '/open': metricsHandler(), '/closed': metricsHandler({ auth }) };
  const server = http.createServer((request, response) => {
    const [path] = /^\/\w+/.exec(request.url ?? '') ?? [];
    handlers[path as keyof typeof handlers](request, response);
  });
  server.listen(0);
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await fail();
  const closed = await sampled(`${url}/closed`, { authorization });
  expect(closed.errors).toMatchObject([{ said: { message: 'card 4111 was declined' } }]);
  const open = await detailAt(`${url}/open`);
  expect([open.hidden, open.errors[0]?.said]).toEqual([HIDDEN_FROM_READER, null]);
});

test('switching details of errors off, or redacting them, forgets what was kept', async () => {
  const url = await start({ host: '127.0.0.1' });
  await fail();
  await sampled(url);
  configureMetrics({ errorDetails: (text) => text.replaceAll(/\d{4}/g, '####') });
  await fail();
  const redacted = await sampledWith(url, 'card #### was declined');
  expect(JSON.stringify(redacted)).not.toContain('card 4111');
  configureMetrics({ errorDetails: false });
  // At once, although the page has not taken another sample.
  expect((await detailAt(url)).errors).toMatchObject([{ said: null }]);
  await fail();
  const { hidden, errors } = await sampledWith(url, null);
  expect(hidden).toBe(NOT_KEPT);
  expect(errors).toMatchObject([{ type: 'RangeError', said: null }]);
});

/** Waits until the page shows this message. */
async function sampledWith(url: string, message: string | null): Promise<MethodDetail> {
  for (;;) {
    // oxlint-disable-next-line no-await-in-loop -- each answer is that of a later sample
    const found = await sampled(url);
    if ((found.errors[0]?.said?.message ?? null) === message) return found;
    // oxlint-disable-next-line no-await-in-loop -- waits for the next sample
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

test('the page links to the dashboard of the options, and to none without it', async () => {
  const url = await start({ dashboardUrl: 'https://grafana.test/d/x?m={method}' });
  expect((await detailAt(url)).dashboard).toBe(
    'https://grafana.test/d/x?m=pay&var-service=Private',
  );
  expect((await detailAt(await start())).dashboard).toBeNull();
  await expect(startMetricsServer({ dashboardUrl: 'javascript:alert(1)' })).rejects.toThrow(
    /http or https URL/,
  );
  expect(() => metricsHandler({ dashboardUrl: 'https://x.test/{team}' })).toThrow(/\{team\}/);
});
