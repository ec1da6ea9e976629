import { createServer } from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { startMetricsServer, type MetricsServerOptions } from '../../../../src/index';
import { certify } from '../../../support/certify';
import { listen } from '../../../support/listen';
import { startThrift } from '../../../support/start-thrift';
import { loadEs6 } from '../../../thrift/generated';
import { runCommand } from './command';
import { serveText } from './serve-text';

/** Prints what `check` says about an address that it cannot read. */
async function problemOf(address: string, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand('check', address, '--timeout', '1', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^thrift-metrics: .*\n$/);
  return stderr.trimEnd();
}

async function serve(options: MetricsServerOptions): Promise<string> {
  const server = await startMetricsServer({ port: 0, host: '127.0.0.1', ...options });
  onTestFinished(() => server.close());
  return String(server.port);
}

test('a closed port asks whether the program is running, and names the default port', async () => {
  expect(await problemOf('localhost:1')).toMatch(
    /ECONNREFUSED.*\. Nothing listens on this port\. Check that the program is running, and the port: the metrics server uses 8000 by default\.$/,
  );
});

test('an address without a port shows the default port', async () => {
  // Port 80 needs privileges, so nothing listens on it in a test.
  expect(await problemOf('127.0.0.1')).toMatch(
    /The address has no port, .* Pass the port, as in 127\.0\.0\.1:8000\.$/,
  );
});

test('an unknown host is said to be unknown', async () => {
  expect(await problemOf('nowhere.invalid:8000')).toMatch(
    /(?:ENOTFOUND|EAI_AGAIN).*\. The name of the host is not known here\. Check its spelling\.$/,
  );
});

test('the port of a Thrift server is recognized as one', async () => {
  const { port, close } = await startThrift(loadEs6().service, {});
  onTestFinished(close);
  expect(await problemOf(`127.0.0.1:${port}`)).toMatch(/that of a Thrift server/);
});

test('a port that closes the connection is said not to speak HTTP', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.destroy()));
  const { port, close } = await listen(server);
  onTestFinished(close);
  expect(await problemOf(`127.0.0.1:${port}`)).toMatch(
    /does not speak HTTP: it may be that of a Thrift server, or needs https:\/\/\. The metrics server uses 8000 by default\.$/,
  );
});

test('https on an http port says to pass http', async () => {
  expect(await problemOf(`https://127.0.0.1:${await serve({})}`)).toMatch(
    /the port does not speak TLS\. Pass http:\/\/ instead of https:\/\/\.$/,
  );
});

test('http on an https port says that it may need https', async () => {
  const tls = await certify('localhost');
  expect(await problemOf(`127.0.0.1:${await serve({ tls })}`)).toMatch(/or needs https:\/\/\./);
});

test('a missing token says how to pass credentials', async () => {
  const port = await serve({ auth: { token: 'secret' } });
  expect(await problemOf(`127.0.0.1:${port}`)).toMatch(
    /answers with 401 Unauthorized\. Pass credentials, as in --header 'Authorization: Bearer <token>'\./,
  );
});

test('a wrong path shows the right one, which the metrics server knows', async () => {
  const port = await serve({ path: '/internal/metrics' });
  expect(await problemOf(`127.0.0.1:${port}`)).toMatch(
    /answers with 404 Not Found\. .* It says: the metrics are at \/internal\/metrics$/,
  );
});

test('an HTML page is recognized', async () => {
  const address = await serveText((_request, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<html>');
  });
  expect(await problemOf(address)).toMatch(
    /answers with text\/html, not metrics in text\. Check the path: the metrics are at \/metrics by default\.$/,
  );
});

test('a port that never answers says what to check', async () => {
  const silent = await serveText(() => {});
  expect(await problemOf(silent)).toMatch(
    /no answer within 1 s\. A port that does not speak HTTP, .* if the port is right, raise --timeout\.$/,
  );
});
