import { existsSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';

import { beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { startProgram, type Program } from '../support/start-program';
import { sumOf } from '../support/sum-of';
import { parseText, type Sample } from '../support/text-format';

const AUTO = join(__dirname, '../../dist/auto.js');

const REQUIRE = ['--require', AUTO];
const IMPORT = ['--import', AUTO];
const TSX = ['--import', 'tsx'];

/** The calls that each program makes: successes and failures per method. */
const CALLS = { ping: [1, 0], add: [3, 0], calculate: [1, 1], mean: [1, 1] } as const;

beforeAll(() => {
  if (!existsSync(AUTO)) throw new Error('These tests run the built package: npm run build');
});

describe.each([
  ['a CommonJS program', 'common-js.cjs', REQUIRE],
  ['a CommonJS program', 'common-js.cjs', IMPORT],
  ['a default import', 'module-default.mjs', REQUIRE],
  ['a default import', 'module-default.mjs', IMPORT],
  ['named imports', 'module-named.mjs', REQUIRE],
  ['named imports', 'module-named.mjs', IMPORT],
  ['a TypeScript program with a decorated handler', 'decorated.mts', [...REQUIRE, ...TSX]],
  ['a TypeScript program with a decorated handler', 'decorated.mts', [...TSX, ...IMPORT]],
])('%s (%s) with %s', (_title, program, flags) => {
  test('every call of the program is measured exactly once', async () => {
    const samples = await runAndScrape(program, flags);
    for (const [method, [succeeded, failed]] of Object.entries(CALLS)) {
      const all = succeeded + failed;
      const total = (name: string, labels: Record<string, string> = {}) =>
        sumOf(samples, name, { thrift_service: 'Calculator', thrift_method: method, ...labels });
      expect({
        method,
        handler: total('thrift_server_requests_total'),
        succeeded: total('thrift_server_latency_seconds_count', { thrift_success: 'true' }),
        failed: total('thrift_server_errors_total'),
        active: total('thrift_server_active_requests'),
        processor: total('thrift_server_messages_total'),
        sizes: total('thrift_server_request_size_bytes_count'),
        client: total('thrift_client_requests_total'),
        clientFailed: total('thrift_client_errors_total'),
      }).toEqual({
        method,
        handler: all,
        succeeded,
        failed,
        active: 0,
        processor: all,
        sizes: all,
        client: all,
        clientFailed: failed,
      });
    }
    expect(sumOf(samples, 'thrift_server_connections_total', { thrift_transport: 'tcp' })).toBe(1);
    const declared = { thrift_method: 'calculate', thrift_exception_kind: 'declared' };
    expect(sumOf(samples, 'thrift_server_errors_total', declared)).toBe(1);
    const undeclared = { thrift_method: 'mean', thrift_exception_kind: 'undeclared' };
    expect(sumOf(samples, 'thrift_server_errors_total', undeclared)).toBe(1);
  });
});

test.each([
  ['multiplexed.cjs', 'tcp'],
  ['web.cjs', 'http'],
])('%s is measured over %s', async (program, transport) => {
  const samples = await runAndScrape(program, REQUIRE);
  for (const [method, [succeeded, failed]] of Object.entries(CALLS)) {
    const labels = { thrift_method: method };
    for (const metric of [
      'thrift_server_requests_total',
      'thrift_server_messages_total',
      'thrift_client_requests_total',
    ]) {
      expect([method, metric, sumOf(samples, metric, labels)]).toEqual([
        method,
        metric,
        succeeded + failed,
      ]);
    }
  }
  const connections = sumOf(samples, 'thrift_server_connections_total', {
    thrift_transport: transport,
  });
  expect(connections).toBeGreaterThan(0);
});

test('a helper method of a plain handler gets no series', async () => {
  const samples = await runAndScrape('common-js.cjs', REQUIRE);
  const methods = new Set(samples.map(({ labels }) => labels.get('thrift_method')));
  expect(methods).toContain('add');
  expect(methods).not.toContain('explain');
});

test('default labels come from THRIFT_METRICS_LABELS', async () => {
  const samples = await runAndScrape('common-js.cjs', REQUIRE, {
    THRIFT_METRICS_LABELS: 'env=prod,region=eu',
  });
  const labels = { env: 'prod', region: 'eu', thrift_method: 'add' };
  expect(sumOf(samples, 'thrift_server_requests_total', labels)).toBe(3);
});

test('a program with no work left exits', async () => {
  const program = start('ends.cjs', REQUIRE);
  expect((await program.ended).code).toBe(0);
});

test('a program exits even while a scraper keeps its connection open and continues to scrape', async () => {
  const program = start('ends-when-told.cjs', REQUIRE);
  const [, url = ''] = await program.writes(/^thrift-metrics: (\S+)$/m);
  await program.writes(/^waiting$/m);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  await readAll(agent, url);
  program.signal('SIGTERM');
  const refused = (async () => {
    for (;;) await readAll(agent, url);
  })().catch((error: unknown) => error);
  expect((await program.ended).code).toBe(0);
  expect(await refused).toBeInstanceOf(Error);
});

test('a program can start its own metrics server on the configured port', async () => {
  const port = await freePort();
  const program = start('own-server.mts', [...REQUIRE, ...TSX], {
    THRIFT_METRICS_PORT: String(port),
  });
  await program.writes(new RegExp(`own server on ${port}`));
  const samples = await scrape(port);
  expect(sumOf(samples, 'thrift_server_requests_total', { thrift_method: 'add' })).toBe(3);
});

test('a port in use is reported and the program keeps running', async () => {
  const taken = createServer().listen(0);
  onTestFinished(() => void taken.close());
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const program = start('ends.cjs', REQUIRE, { THRIFT_METRICS_PORT: String(port) });
  const { code, stdout, stderr } = await program.ended;
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'called: division by 0, the mean of no values\n',
  });
  expect(stderr).toContain(`port ${port} is in use`);
});

const WRONG = [
  ['THRIFT_METRICS_PORT', 'eight thousand', "'eight thousand'"],
  ['THRIFT_METRICS_PORT', '70000', '70000'],
  ['THRIFT_METRICS_LABELS', 'env', "'env'"],
  ['THRIFT_METRICS_LABELS', 'le=1', "'le'"],
] as const;

test.each(WRONG)('%s=%s is reported, and the program runs', async (name, value, found) => {
  const variables = { THRIFT_METRICS_SERVER: 'false', [name]: value };
  const { code, stdout, stderr } = await start('ends.cjs', REQUIRE, variables).ended;
  expect({ code, stdout }).toEqual({
    code: 0,
    stdout: 'called: division by 0, the mean of no values\n',
  });
  expect(stderr).toContain(name);
  expect(stderr).toContain(found);
});

test.each(WRONG)('%s=%s ends a program with strict settings', async (name, value, found) => {
  const variables = { THRIFT_METRICS_STRICT: 'true', [name]: value };
  const { code, stdout, stderr } = await start('ends.cjs', REQUIRE, variables).ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain(name);
  expect(stderr).toContain(found);
});

test('clients and connections are left out on request', async () => {
  const samples = await runAndScrape('common-js.cjs', REQUIRE, {
    THRIFT_METRICS_CLIENTS: 'off',
    THRIFT_METRICS_CONNECTIONS: 'off',
  });
  const names = samples.map(({ name }) => name);
  expect(sumOf(samples, 'thrift_server_requests_total', { thrift_method: 'add' })).toBe(3);
  expect(names.filter((name) => /^thrift_client_|_connections/.test(name))).toEqual([]);
});

test('THRIFT_METRICS_SERVER=false measures a program without an endpoint', async () => {
  const { code, stderr } = await start('ends.cjs', REQUIRE, { THRIFT_METRICS_SERVER: 'false' })
    .ended;
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
});

async function readAll(agent: Agent, url: string): Promise<void> {
  const [response] = (await once(get(`${url}/metrics`, { agent }), 'response')) as [
    IncomingMessage,
  ];
  response.resume();
  await once(response, 'end');
}

/** Starts a program and stops it when the test ends. */
function start(
  program: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Program {
  const started = startProgram(
    process.execPath,
    [...flags, join('test/auto/programs', program)],
    '',
    { THRIFT_METRICS_PORT: '0', ...env },
  );
  onTestFinished(() => started.stop());
  return started;
}

/** Runs a program and scrapes its metrics once it has made its calls. */
async function runAndScrape(
  program: string,
  flags: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Sample[]> {
  const started = start(program, flags, env);
  const [, port] = await started.writes(/thrift-metrics: http:\/\/localhost:(\d+)/);
  await started.writes(/called: division by 0, the mean of no values/);
  return scrape(Number(port));
}

async function scrape(port: number): Promise<Sample[]> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  return parseText(await response.text());
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
