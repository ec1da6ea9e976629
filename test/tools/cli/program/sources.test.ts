import { Registry } from 'prom-client';
import { beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

import {
  configureMetrics,
  Instrumented,
  instrumentHandler,
  type MetricsServer,
  Objective,
  startMetricsServer,
} from '../../../../src/index';
import { renderMetrics } from '../../../../src/index';
import { runCommand, writeModule } from './command';
import { serveText } from './serve-text';

@Instrumented({ service: 'Orders' })
@Objective({ availability: 0.99 })
class OrdersHandler {
  find(): void {}
}
new OrdersHandler().find();
instrumentHandler({ ping() {}, run() {} }, { service: 'Plain', labels: { tier: 'gold' } });

const POLICY = writeModule(
  'sources/policy.yaml',
  `
enabled: true
rules:
  - match: { service: Plain, method: ping }
    exclude: true
  - match: { service: Plain }
    objective: { availability: 0.9, latency: { target: 0.9, within: 0.1 } }
`,
);

let server: MetricsServer;
beforeAll(async () => {
  configureMetrics({
    registry: new Registry(),
    prefix: 'shop_',
    labelNames: { thrift_service: 'service', thrift_method: 'method' },
  });
  server = await startMetricsServer({ port: 0, host: '127.0.0.1' });
  return () => server.close();
});

interface Listed {
  readonly service: string;
  readonly method: string;
  readonly objective: unknown;
  readonly metrics: readonly { readonly name: string; readonly labelNames: readonly string[] }[];
}

async function list(...args: string[]): Promise<Listed[]> {
  const { code, stdout, stderr } = await runCommand('list', '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Listed[];
}

const summary = (methods: Listed[]): unknown =>
  methods.map(({ service, method, objective, metrics }) => [
    `${service}.${method}`,
    (objective as { availability?: number } | null)?.availability ?? null,
    metrics[0]?.name.replace(/(requests_total|latency_seconds)$/, ''),
    metrics[0]?.labelNames.filter((name) => !name.startsWith('thrift_')),
  ]);

test('list reads an endpoint, with the rules of a policy file', async () => {
  expect(summary(await list(server.url))).toEqual([
    ['Orders.find', 0.99, 'shop_thrift_server_', ['method', 'service']],
    ['Plain.ping', null, 'shop_thrift_server_', ['method', 'service', 'tier']],
    ['Plain.run', null, 'shop_thrift_server_', ['method', 'service', 'tier']],
  ]);
  expect(summary(await list(server.url, '--config', POLICY))).toEqual([
    ['Orders.find', 0.99, 'shop_thrift_server_', ['method', 'service']],
    ['Plain.run', 0.9, 'shop_thrift_server_', ['method', 'service', 'tier']],
  ]);
});

test('an endpoint that does not describe itself is read from its metrics', async () => {
  const { body } = await renderMetrics();
  const url = await serveText((request, response) => {
    response.statusCode = request.url === '/metrics' ? 200 : 404;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(response.statusCode === 200 ? body : 'not found');
  });
  expect(summary(await list(url, '--config', POLICY))).toEqual([
    ['Orders.find', null, 'shop_thrift_server_', ['method', 'service']],
    ['Plain.run', 0.9, 'shop_thrift_server_', ['method', 'service', 'tier']],
  ]);
});

test('rules and dashboard of an endpoint have its prefix and its names of labels', async () => {
  const rules = await runCommand('rules', server.url, '--config', POLICY);
  expect(rules).toMatchObject({ code: 0, stderr: '' });
  const { groups } = parse(rules.stdout) as { groups: { name: string }[] };
  expect(groups.map(({ name }) => name)).toContain('thrift_objectives/Plain/run');
  expect(rules.stdout).toContain('shop_thrift_server_requests_total{service="Plain",method="run"}');
  expect(rules.stdout).not.toMatch(/\bthrift_(service|method)\b/);
  const dashboard = await runCommand('dashboard', server.url, '--config', POLICY);
  expect(dashboard).toMatchObject({ code: 0, stderr: '' });
  expect(dashboard.stdout).toContain('shop_thrift_server_requests_total');
  expect(dashboard.stdout).not.toMatch(/\bthrift_(service|method)\b/);
});

test('a policy file alone is enough for a dashboard, and for rules of methods that it names', async () => {
  const named = writeModule(
    'sources/named.json',
    JSON.stringify({
      labelNames: { thrift_service: 'service' },
      rules: [{ match: { service: 'Plain', method: 'run' }, objective: { availability: 0.9 } }],
    }),
  );
  const dashboard = await runCommand('dashboard', '--config', named);
  expect(dashboard).toMatchObject({ code: 0, stderr: '' });
  expect(dashboard.stdout).not.toMatch(/\bthrift_service\b/);
  const rules = await runCommand('rules', '--config', named);
  expect(rules.stdout).toContain('{service="Plain",thrift_method="run"}');
  const unnamed = await runCommand('rules', '--config', POLICY);
  expect(unnamed).toMatchObject({ code: 2, stderr: expect.stringContaining('No method is known') });
});

test.each([
  [[], 'Pass a module, the URL of a running endpoint, or a policy file by --config'],
  [['--config', 'missing.yaml'], 'missing.yaml: the file'],
  [['--config', writeModule('sources/broken.yaml', 'rules: [')], 'broken.yaml:1:'],
  [['--config', writeModule('sources/list.yaml', '[]')], 'list.yaml'],
  [
    ['--config', writeModule('sources/wrong.yaml', 'rules: [{ match: {}, exlude: true }]')],
    "rules[0]: option 'exlude' is unknown. Did you mean 'exclude'?",
  ],
])('the arguments %j are refused', async (args, message) => {
  const { code, stderr } = await runCommand('list', ...args);
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
});

test('an endpoint without methods is refused', async () => {
  const url = await serveText('# TYPE up gauge\nup 1\n');
  const { code, stderr } = await runCommand('dashboard', url);
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: expect.stringContaining('serves no metric of a Thrift method'),
  });
});

test('the declaration of a metrics server needs the authentication of the server', async () => {
  const guarded = await startMetricsServer({
    port: 0,
    host: '127.0.0.1',
    auth: { token: 'secret' },
    page: false,
  });
  onTestFinished(() => guarded.close());
  const refused = await fetch(`${guarded.url}/-/declaration`);
  expect(refused.status).toBe(401);
  const read = await list(guarded.url, '--header', 'Authorization: Bearer secret');
  expect(read.map(({ method }) => method)).toEqual(['find', 'ping', 'run']);
});
