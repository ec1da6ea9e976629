import { createServer } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { startMetricsServer, type MetricsServerOptions } from '../../../../src/index';
import { certify } from '../../../support/certify';
import { listen } from '../../../support/listen';
import { startThrift } from '../../../support/start-thrift';
import { loadEs6 } from '../../../thrift/generated';
import { runCommand } from './command';
import { serveText } from './serve-text';

/** The arguments of each command that reads an endpoint. */
const COMMANDS: Readonly<Record<string, (address: string) => readonly string[]>> = {
  check: (address) => ['check', address],
  top: (address) => ['top', '--once', address],
  list: (address) => ['list', address],
  rules: (address) => ['rules', address],
  dashboard: (address) => ['dashboard', address],
  doctor: (address) => ['doctor', address],
  diff: (address) => ['diff', address, address],
};

const NAMES = Object.keys(COMMANDS);

/** Prints what a command says about an address that it cannot read. */
async function problemOf(
  address: string,
  command = 'check',
  ...args: readonly string[]
): Promise<string> {
  const own = COMMANDS[command]?.(address) ?? [];
  const { code, stdout, stderr } = await runCommand(...own, '--timeout', '1', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^thrift-metrics: .*\n$/);
  return stderr.trimEnd();
}

async function serve(options: MetricsServerOptions): Promise<string> {
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1', ...options });
  onTestFinished(() => server.close());
  return String(server.port);
}

test.each(NAMES)(
  'a user of %s who names a closed port reads to start the program',
  async (name) => {
    expect(await problemOf('localhost:1', name)).toMatch(
      /ECONNREFUSED.*\. Nothing listens on this port\. Check that the program is running, and the port: the metrics server uses 8000 by default\.$/,
    );
  },
);

test.each(NAMES)(
  'a user of %s who names localhost without a port reads the default port',
  async (name) => {
    // Port 80 needs privileges, so nothing listens on it in a test.
    expect(await problemOf('localhost', name)).toMatch(
      /The address has no port, .* Pass the port, as in localhost:8000\.$/,
    );
    expect(await problemOf('127.0.0.1', name)).toMatch(/Pass the port, as in 127\.0\.0\.1:8000\.$/);
  },
);

test('an unknown host is said to be unknown', async () => {
  expect(await problemOf('nowhere.invalid:8000')).toMatch(
    /(?:ENOTFOUND|EAI_AGAIN).*\. The name of the host is not known here\. Check its spelling\.$/,
  );
});

test.each(NAMES)('a user of %s who names a Thrift port reads that it is one', async (name) => {
  const { port, close } = await startThrift(loadEs6().service, {});
  onTestFinished(close);
  expect(await problemOf(`127.0.0.1:${port}`, name)).toMatch(/that of a Thrift server/);
});

test('a port that closes the connection is said not to speak HTTP', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  const { port, close } = await listen(server);
  onTestFinished(close);
  expect(await problemOf(`127.0.0.1:${port}`)).toMatch(
    /does not speak HTTP: it may be that of a Thrift server, or needs https:\/\/\. The metrics server uses 8000 by default\.$/,
  );
});

test.each(NAMES)(
  'a user of %s who names https on an http port reads to pass http',
  async (name) => {
    expect(await problemOf(`https://127.0.0.1:${await serve({})}`, name)).toMatch(
      /the port does not speak TLS\. Pass http:\/\/ instead of https:\/\/\.$/,
    );
  },
);

test('http on an https port says that it may need https', async () => {
  const tls = await certify('localhost');
  expect(await problemOf(`127.0.0.1:${await serve({ tls })}`)).toMatch(/or needs https:\/\/\./);
});

test.each(NAMES)('a user of %s without credentials reads how to pass them', async (name) => {
  const port = await serve({ auth: { token: 'secret' } });
  expect(await problemOf(`127.0.0.1:${port}`, name)).toMatch(
    /answers with 401 Unauthorized\. Pass credentials, as in --header 'Authorization: Bearer <token>'\./,
  );
});

test.each(NAMES.filter((name) => name !== 'doctor'))(
  'a user of %s who names a wrong path reads the right one',
  async (name) => {
    const port = await serve({ path: '/internal/metrics' });
    expect(await problemOf(`127.0.0.1:${port}`, name)).toMatch(
      /answers with 404 Not Found\. .* It says: the metrics are at \/internal\/metrics$/,
    );
  },
);

test('a user of doctor needs no path, and reads where a status is if the server has none', async () => {
  const port = await serve({ path: '/internal/metrics' });
  const { code } = await runCommand('doctor', `127.0.0.1:${port}/some/path`);
  expect(code).not.toBe(2);
  const address = await serveText((_request, response) => response.writeHead(404).end());
  expect(await problemOf(`${address}/some/path`, 'doctor')).toMatch(
    /has no status\. Pass the address of startMetricsServer, or the one where metricsHandler is mounted/,
  );
});

test.each(NAMES)('a user of %s who names an HTML page reads what to pass', async (name) => {
  const address = await serveText((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<html>');
  });
  expect(await problemOf(address, name)).toMatch(
    name === 'doctor'
      ? /has no status\. Pass the address of startMetricsServer/
      : /answers with text\/html, not metrics in text\. Check the path: the metrics are at \/metrics by default\.$/,
  );
});

const NO_METHODS: Readonly<Record<string, { code: number; says: RegExp }>> = {
  check: { code: 0, says: /no-methods -: .* no metric of a Thrift method; decorate a handler, or/ },
  top: { code: 0, says: /no metrics of Thrift methods\. Decorate a handler, or/ },
  list: { code: 2, says: /serves no metric of a Thrift method\. Check the URL, and whether/ },
  rules: { code: 2, says: /serves no metric of a Thrift method\. Check the URL, and whether/ },
  dashboard: { code: 2, says: /serves no metric of a Thrift method\. Check the URL, and whether/ },
  doctor: { code: 1, says: /nothing-measured: Nothing is instrumented\. Decorate a handler/ },
  diff: { code: 2, says: /serves no metric of a Thrift method\. Check the URL, and whether/ },
};

test.each(NAMES)(
  'a user of %s reads that a server has no methods, and what to do',
  async (name) => {
    const port = await serve({});
    const own = COMMANDS[name]?.(`127.0.0.1:${port}`) ?? [];
    const interval = name === 'top' ? ['--interval', '0.1'] : [];
    const { code, stdout, stderr } = await runCommand(...own, ...interval);
    expect(stdout + stderr).toMatch(NO_METHODS[name]?.says ?? /never/);
    expect(code).toBe(NO_METHODS[name]?.code);
  },
);

test('a port that never answers says what to check', async () => {
  const silent = await serveText(() => {});
  expect(await problemOf(silent)).toMatch(
    /no answer within 1 s\. A port that does not speak HTTP, .* if the port is right, raise --timeout\.$/,
  );
});
