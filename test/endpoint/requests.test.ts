import { once } from 'node:events';
import http from 'node:http';
import net from 'node:net';

import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { createHandler } from '../../src/endpoint/metrics-handler';
import { configureMetrics, Counted, startMetricsServer, type Auth } from '../../src/index';
import { LIMITS } from '../../src/scrape/deadlines';
import { closing } from '../support/closing';
import { send } from '../support/send';

class RequestedHandler {
  @Counted('requested_total') static run(): void {}
}

const onError = vi.fn<(error: unknown, site: string) => void>();
const closers: (() => Promise<void>)[] = [];
beforeEach(() => {
  onError.mockReset();
  configureMetrics({ registry: new Registry(), onError });
  RequestedHandler.run();
});
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function start(auth?: Auth): Promise<{ port: number; url: string }> {
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1', auth });
  closers.push(() => server.close());
  return server;
}

/** Serves `metricsHandler` with an `auth` function, whose time limit is short. */
async function mount(auth: unknown): Promise<string> {
  const limits = { ...LIMITS, authTimeout: 50 };
  const server = http.createServer(createHandler({ auth: auth as Auth }, limits));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as net.AddressInfo).port}/metrics`;
}

async function sendLine(port: number, line: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  let received = '';
  socket.on('data', (chunk) => (received += String(chunk)));
  socket.write(`${line}\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await closing(socket);
  return received;
}

describe('a request target in absolute form', () => {
  it.each(['http://localhost/metrics', 'HTTP://other.example:80/metrics?name[]=requested_total'])(
    '%s is answered with the metrics',
    async (target) => {
      const { port } = await start();
      const answer = await sendLine(port, `GET ${target} HTTP/1.1`);
      expect(answer).toMatch(/^HTTP\/1\.1 200 OK/);
      expect(answer).toMatch(/^requested_total\{.*\} \d+$/m);
    },
  );

  it('an absolute target without a path is answered with the live page', async () => {
    const { port } = await start();
    expect(await sendLine(port, 'GET http://localhost HTTP/1.1')).toContain('<!doctype html>');
  });
});

describe('the headers of answers', () => {
  it.each([
    ['/metrics', {}, 200],
    ['/metrics', { accept: 'application/openmetrics-text', 'accept-encoding': 'gzip' }, 200],
    ['/healthz', {}, 200],
    ['/-/overview.json', {}, 200],
    ['/nowhere', {}, 404],
    ['/metrics', { authorization: 'Bearer wrong' }, 401],
  ])('%s with %j forbids sniffing, storing and other origins', async (path, headers, status) => {
    const { url } = await start(({ headers: sent }) => sent.authorization === undefined);
    const answer = await send(`${url}${path}`, { headers });
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
  });

  it('a file of the live page may be kept, but is revalidated', async () => {
    const { url } = await start();
    expect((await send(`${url}/`)).headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-cache',
      'cross-origin-resource-policy': 'same-origin',
    });
  });
});

describe('an auth function', () => {
  it.each([
    ['a text', 'no'],
    ['an object', { allowed: false }],
    ['a number', 1],
    ['a promise of a text', Promise.resolve('no')],
  ])('an auth function that answers %s instead of true refuses the request', async (_, verdict) => {
    const { status } = await send(await mount(() => verdict));
    expect(status).toBe(401);
    expect(String(onError.mock.calls[0]?.[0])).toContain('Return true to allow a request');
  });

  it('an auth function that answers undefined refuses the request', async () => {
    const { status } = await send(await mount(() => undefined));
    expect(status).toBe(401);
    expect(onError).not.toHaveBeenCalled();
  });

  it('an auth function that never settles is answered with 503, also under metricsHandler', async () => {
    const { status, headers } = await send(await mount(() => new Promise(() => {})));
    expect(status).toBe(503);
    expect(headers['retry-after']).toBe('5');
    expect(String(onError.mock.calls[0]?.[0])).toContain('did not settle within 50 ms');
  });
});
