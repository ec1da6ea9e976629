import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';

import { Registry } from 'prom-client';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import {
  configureMetrics,
  instrument,
  metricsHandler,
  startMetricsServer,
} from '../../../../src/index';
import { Instance } from '../../../../src/tools/cli/top/instance';
import { MethodCalls } from '../../../../src/tools/cli/top/method-calls';

const OPTIONS = { headers: {}, insecure: false, timeout: 10 };
const OPENED = { service: 'Opened', method: 'hang', isClient: false };

beforeEach(() => configureMetrics({ registry: new Registry() }));

async function startHanging(calls: number): Promise<void> {
  let open!: () => void;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const hang = instrument(() => opened, { service: OPENED.service, method: OPENED.method });
  const all = Array.from({ length: calls }, () => hang());
  onTestFinished(async () => {
    open();
    await Promise.all(all);
  });
}

async function linesOf(instance: Instance, expected: RegExp): Promise<string[]> {
  const calls = new MethodCalls();
  return vi.waitFor(async () => {
    expect(await calls.refresh(OPENED, [instance])).toBe(true);
    const lines = calls.lines(100);
    expect(lines.join('\n')).toMatch(expected);
    return lines;
  });
}

test('the calls of the open method are listed, the oldest ten and the number of others', async () => {
  await startHanging(12);
  const { url, close } = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  onTestFinished(close);
  const lines = await linesOf(new Instance(new URL(`${url}/metrics`), OPTIONS), /and 2 more/);
  expect(lines.filter((line) => line.includes(String(process.pid)))).toHaveLength(10);
  expect(lines.every((line) => line.length <= 100)).toBe(true);
});

test('metricsHandler has the calls below its own path', async () => {
  await startHanging(1);
  const handler = metricsHandler();
  const server = http.createServer((request, response) => {
    if (request.url?.startsWith('/app/metrics') === true) handler(request, response);
    else response.writeHead(404).end('nothing here');
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}/app/metrics`);
  await linesOf(new Instance(url, OPTIONS), new RegExp(`${process.pid}`));
});

test('an endpoint without calls is named in a sentence', async () => {
  const server = http.createServer((_request, response) => void response.end('up 1'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const instance = new Instance(new URL(`http://127.0.0.1:${port}/metrics`), OPTIONS);
  await linesOf(instance, /has no calls to show: it needs this version/);
});

test('nothing is asked for while no method is open', async () => {
  const calls = new MethodCalls();
  expect(await calls.refresh(undefined, [])).toBe(false);
  expect(calls.lines(80)).toEqual([]);
});
