import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import express from 'express';
import fastify from 'fastify';
import Koa from 'koa';
import { Registry } from 'prom-client';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import { configureMetrics, Counted, metricsHandler } from '../../src/index';
import { send } from '../support/send';

/** An application with metrics at /metrics, metrics behind a token at /guarded, and its own route at /hello. */
interface Application {
  readonly url: string;
  close(): unknown;
}

const auth = { token: 'secret' };

async function listen(server: http.Server): Promise<Application> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => server.close(),
  };
}

function startExpress(): Promise<Application> {
  const app = express();
  app.use('/metrics', metricsHandler());
  app.use('/guarded', metricsHandler({ auth }));
  app.get('/hello', (_request, response) => void response.send('hello'));
  return listen(http.createServer(app));
}

async function startFastify(): Promise<Application> {
  const app = fastify();
  for (const [path, handler] of [
    ['/metrics', metricsHandler()],
    ['/guarded', metricsHandler({ auth })],
  ] as const) {
    for (const route of [path, `${path}/*`]) {
      app.all(route, (request, reply) => {
        reply.hijack();
        handler(request.raw, reply.raw);
      });
    }
  }
  app.get('/hello', () => 'hello');
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  return { url, close: () => app.close() };
}

function startKoa(): Promise<Application> {
  const app = new Koa();
  const handlers = new Map([
    ['/metrics', metricsHandler()],
    ['/guarded', metricsHandler({ auth })],
  ]);
  app.use(async (context, next) => {
    const handler = handlers.get(/^\/[^/]*/.exec(context.path)?.[0] ?? '');
    if (handler === undefined) return next();
    context.respond = false;
    return handler(context.req, context.res);
  });
  app.use((context) => {
    context.body = 'hello';
  });
  return listen(http.createServer(app.callback()));
}

@Module({})
class NestModule {}

async function startNest(): Promise<Application> {
  const app = await NestFactory.create(NestModule, { logger: false });
  app.use('/metrics', metricsHandler());
  app.use('/guarded', metricsHandler({ auth }));
  // NestJS has legacy decorators for the methods of controllers, and tests have standard ones.
  app
    .getHttpAdapter()
    .get('/hello', (_request: unknown, response: { send(text: string): void }) =>
      response.send('hello'),
    );
  await app.listen(0, '127.0.0.1');
  return { url: await app.getUrl(), close: () => app.close() };
}

class MountedHandler {
  @Counted('mounted_total') static run(): void {}
  @Counted('mounted_other_total') static other(): void {}
}

beforeAll(() => {
  configureMetrics({ registry: new Registry() });
  MountedHandler.run();
});

describe.each([
  ['Express', startExpress],
  ['Fastify', startFastify],
  ['Koa', startKoa],
  ['NestJS', startNest],
])('metricsHandler in %s', (_name, start) => {
  let app: Application;
  afterEach(() => app.close());

  it('metricsHandler answers with the metrics next to the routes of the application', async () => {
    app = await start();
    const { status, headers, text } = await send(`${app.url}/metrics`);
    expect(status).toBe(200);
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(text).toMatch(/^mounted_total\{.*\} 1$/m);
    expect((await send(`${app.url}/hello`)).text).toBe('hello');
  });

  it('metricsHandler follows the headers and parameters of the request', async () => {
    app = await start();
    const { headers, text } = await send(`${app.url}/metrics?name[]=mounted_total`, {
      headers: { accept: 'application/openmetrics-text' },
    });
    expect(headers['content-type']).toContain('application/openmetrics-text');
    expect(text).toContain('mounted_total{');
    expect(text).not.toContain('mounted_other');
  });

  it('metricsHandler answers HEAD without a body and other methods with 405', async () => {
    app = await start();
    const head = await send(`${app.url}/metrics`, { method: 'HEAD' });
    expect([head.status, head.text]).toEqual([200, '']);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(0);
    const post = await send(`${app.url}/metrics`, { method: 'POST' });
    expect([post.status, post.headers.allow]).toEqual([405, 'GET, HEAD']);
  });

  it('metricsHandler answers only requests that auth admits', async () => {
    app = await start();
    const refused = await send(`${app.url}/guarded`);
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      'Bearer realm="metrics"',
    ]);
    const admitted = await send(`${app.url}/guarded`, {
      headers: { authorization: 'Bearer secret' },
    });
    expect(admitted.status).toBe(200);
    expect(admitted.text).toContain('mounted_total{');
  });

  it('metricsHandler serves the live page below the metrics, with addresses that lead there', async () => {
    app = await start();
    const page = await send(`${app.url}/metrics/-/`);
    expect([page.status, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    const addresses = [...page.text.matchAll(/(?:src|href|data-metrics)="([^"]*)"/g)];
    expect(addresses.length).toBeGreaterThan(4);
    for (const [, address = ''] of addresses) {
      const { status } = await send(String(new URL(address, `${app.url}/metrics/-/`)));
      expect([address, status]).toEqual([address, 200]);
    }
    const figures = await send(`${app.url}/metrics/-/overview.json`);
    expect(JSON.parse(figures.text)).toMatchObject({ methods: expect.any(Array) as unknown });
    expect((await send(`${app.url}/metrics/-/nothing`)).status).toBe(404);
  });

  it('metricsHandler gives a browser without the token the document and the program, and no figures', async () => {
    app = await start();
    const html = { accept: 'text/html,*/*;q=0.8' };
    const page = await send(`${app.url}/guarded/-/`, { headers: html });
    expect([page.status, page.headers['www-authenticate'], page.headers.etag]).toEqual([
      401,
      'Bearer realm="metrics"',
      undefined,
    ]);
    expect(page.text).toContain('<script type="module" src="./main.js">');
    expect((await send(`${app.url}/guarded/-/main.js`)).status).toBe(200);
    for (const path of ['/guarded', '/guarded/-/overview.json', '/guarded/-/method.json']) {
      const { status, text } = await send(app.url + path, { headers: html });
      expect([status, text]).toEqual([401, 'authentication is needed\n']);
    }
    expect((await send(`${app.url}/guarded/-/`)).text).toBe('authentication is needed\n');
  });
});
