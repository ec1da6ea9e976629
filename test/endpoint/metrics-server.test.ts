import { execFile } from 'node:child_process';
import http from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import {
  configureMetrics,
  Counted,
  metricsHandler,
  startMetricsServer,
  ThriftMetricsError,
  type MetricsServer,
  type MetricsServerOptions,
} from '../../src/index';

const servers: MetricsServer[] = [];
let registry = new Registry();
beforeEach(() => {
  registry = new Registry();
  configureMetrics({ registry });
});
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function start(options: MetricsServerOptions = {}): Promise<MetricsServer> {
  const server = await startMetricsServer({ port: 0, ...options });
  servers.push(server);
  return server;
}

class ServedHandler {
  @Counted('served_total') static run(): void {}
}
ServedHandler.run();

describe('startMetricsServer', () => {
  it('startMetricsServer serves the metrics at /metrics', async () => {
    const { url, port } = await start();
    expect(url).toBe(`http://localhost:${port}`);
    const response = await fetch(`${url}/metrics`);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await response.text()).toMatch(/^served_total\{.*\} 1$/m);
  });

  it('startMetricsServer adds the process metrics of the client library', async () => {
    configureMetrics({ registry });
    const { url } = await start();
    expect(await (await fetch(`${url}/metrics`)).text()).toContain(
      'process_cpu_user_seconds_total',
    );
  });

  it('startMetricsServer serves the metrics at the given path and nowhere else', async () => {
    const { url } = await start({ path: '/internal/metrics' });
    expect((await fetch(`${url}/internal/metrics?x=1`)).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  it('the metrics server answers HEAD without a body and other methods with 405', async () => {
    const { url } = await start();
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    const post = await fetch(`${url}/metrics`, { method: 'POST', body: 'x' });
    expect([post.status, post.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('startMetricsServer listens on the given host', async () => {
    const { url, port } = await start({ host: '127.0.0.1' });
    expect(url).toBe(`http://127.0.0.1:${port}`);
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
  });

  it('startMetricsServer reports a port in use', async () => {
    const { port } = await start();
    const error: unknown = await startMetricsServer({ port }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ThriftMetricsError);
    expect(error).toMatchObject({ code: 'TM_ERR_PORT_IN_USE' });
    expect((error as Error).message).toBe(
      `startMetricsServer: port ${port} is in use. Stop the process that listens there, or set another port. Port 0 picks a free one.`,
    );
  });

  it('startMetricsServer reports that it cannot listen', async () => {
    const error: unknown = await startMetricsServer({ port: 0, host: '203.0.113.1' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      code: 'TM_ERR_LISTEN',
      message: expect.stringMatching(
        /cannot listen on port 0 of 203\.0\.113\.1: .*\. Set a host/,
      ) as string,
    });
  });

  it.each<[string, unknown, string]>([
    ['port', { port: 65_536 }, 'TM_ERR_OPTION_INVALID'],
    ['port', { port: '8000' }, 'TM_ERR_OPTION_INVALID'],
    ['host', { host: '' }, 'TM_ERR_OPTION_INVALID'],
    ['path', { path: 'metrics' }, 'TM_ERR_OPTION_INVALID'],
    ['path', { path: '/healthz' }, 'TM_ERR_OPTION_INVALID'],
    ['path', { path: '/metrics?all' }, 'TM_ERR_OPTION_INVALID'],
    ['prot', { prot: 1 }, 'TM_ERR_OPTION_UNKNOWN'],
  ])('startMetricsServer rejects a wrong %s option', async (name, options, code) => {
    const error: unknown = await startMetricsServer(options as MetricsServerOptions).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ code });
    expect((error as Error).message).toContain(`'${name}'`);
  });

  it('closing the metrics server ends open connections, frees the port, and may be repeated', async () => {
    const { url, port, close } = await start();
    const agent = new http.Agent({ keepAlive: true });
    await new Promise((resolve, reject) => {
      http
        .get(`${url}/metrics`, { agent }, (response) => response.resume().on('end', resolve))
        .on('error', reject);
    });
    await Promise.all([close(), close()]);
    const again = await start({ port });
    expect(again.port).toBe(port);
    agent.destroy();
  });
});

describe('metricsHandler', () => {
  it('metricsHandler answers in an existing HTTP server', async () => {
    const server = http.createServer(metricsHandler());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const response = await fetch(`http://127.0.0.1:${port}/anything`);
    expect(await response.text()).toMatch(/^served_total\{.*\} 1$/m);
    server.close();
    server.closeAllConnections();
  });
});

describe('unref', () => {
  it('a program ends while its metrics server runs, if it has called unref', async () => {
    const program = `
      import metrics from './src/index.ts';
      const server = await metrics.startMetricsServer({ port: 0 });
      const { status } = await fetch(server.url + '/metrics');
      console.log(server.unref() === server, status);
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', 'tsx', '--input-type=module', '-e', program],
      { cwd: join(__dirname, '../..'), timeout: 20_000 },
    );
    expect(stdout).toBe('true 200\n');
  });
});
