import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { Registry } from 'prom-client';
import { beforeAll, expect, onTestFinished, test } from 'vitest';

import { configureMetrics, Instrumented, metricsHandler, Objective } from '../../../src/index';
import { LabelNames } from '../../../src/metrics/label-names';
import { readStatus } from '../../../src/tools/cli/doctor/read-status';
import { readDeclared } from '../../../src/tools/cli/endpoint-methods';
import { readDescription } from '../../../src/tools/cli/read-description';

const OPTIONS = { headers: {}, insecure: false, timeout: 10 };

beforeAll(() => configureMetrics({ registry: new Registry() }));

@Instrumented({ service: 'Described' })
@Objective({ availability: 0.99 })
class DescribedHandler {
  run(): void {}
}
new DescribedHandler().run();

async function serve(listener: http.RequestListener): Promise<string> {
  const server = http.createServer(listener);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Answers at these paths, and with this status at others. Returns the paths that were asked for. */
async function serveAt(
  paths: readonly string[],
  otherwise: number,
): Promise<{ readonly url: string; readonly asked: string[] }> {
  const asked: string[] = [];
  const url = await serve((request, response) => {
    const path = request.url ?? '';
    asked.push(path);
    if (paths.includes(path)) response.end('{"is":"it"}');
    else response.writeHead(otherwise).end();
  });
  return { url, asked };
}

function read(address: string): Promise<string | null> {
  return readDescription(new URL(address), '/-/status', OPTIONS, (answer) => answer).then(
    (found) => found?.url.pathname ?? null,
  );
}

test('an application that mounts metricsHandler is asked for its declaration and its status there', async () => {
  const handler = metricsHandler();
  const url = await serve((request, response) => {
    if (request.url?.startsWith('/app/metrics') === true) handler(request, response);
    else response.writeHead(302, { location: '/login' }).end();
  });
  const endpoint = new URL(`${url}/app/metrics`);
  const declared = await readDeclared(endpoint, new LabelNames({}), OPTIONS);
  const method = declared.find(({ service }) => service === 'Described');
  expect(method?.objective).toMatchObject({ availability: 0.99 });
  const { status } = await readStatus({ url: endpoint, pid: null }, OPTIONS);
  expect(status.process.pid).toBe(process.pid);
});

test.each([
  ['/metrics', '/-/status'],
  ['/proxied/metrics', '/proxied/-/status'],
  ['/app/metrics', '/app/metrics/-/status'],
  ['/internal/path/metrics', '/-/status'],
  ['/', '/-/status'],
  ['/app/-/status', '/app/-/status'],
])('the endpoint %s is found at %s', async (path, found) => {
  const { url } = await serveAt([found], 404);
  expect(await read(url + path)).toBe(found);
});

test('another endpoint at the root does not answer in place of the one below a proxy', async () => {
  const { url } = await serveAt(['/-/status', '/proxied/-/status'], 404);
  expect(await read(`${url}/proxied/metrics`)).toBe('/proxied/-/status');
});

test('parameters of the address, such as credentials, are sent too', async () => {
  const { url, asked } = await serveAt([], 404);
  await readDescription(new URL(`${url}/metrics?key=1`), '/-/calls', OPTIONS, (answer) => answer, {
    method: 'a&b',
  });
  expect(asked[0]).toBe('/-/calls?key=1&method=a%26b');
});

test('an endpoint without a description gives null, and one that refuses gives an error with its status', async () => {
  expect(await read(`${(await serveAt([], 404)).url}/app/metrics`)).toBeNull();
  const { url } = await serveAt([], 401);
  await expect(read(`${url}/metrics`)).rejects.toThrow(
    /answers with 401 Unauthorized\. Pass credentials/,
  );
});
