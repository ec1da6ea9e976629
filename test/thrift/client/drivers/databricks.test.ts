import net from 'node:net';

import { expect, onTestFinished, test } from 'vitest';

import { instrumentClient } from '../../../../src/index';
import { currentRuntime } from '../../../../src/runtime/runtime';
import { instrumentLibrary } from '../../../../src/thrift/library/instrument-library';
import { countsOf, failedWith, SUCCEEDED } from '../client-counts';
import { closedPort } from '../stream-servers';
import { modulesOf, startWarehouse, type Any, type Trouble } from './warehouse';

const modules = modulesOf('@databricks/sql', '../thrift/TCLIService');
const { DBSQLClient } = require('@databricks/sql');

// The driver creates its client with this copy of `thrift`, as in a program under `thrift-metrics/auto`.
instrumentLibrary(currentRuntime(), modules.thrift);

let services = 0;

/** Connects the driver. Its clients have no name, so each connection of a test gets a name of its own. */
async function connect(port: number, options: object = {}): Promise<{ client: Any; name: string }> {
  const name = `databricks-${services++}`;
  const client = new DBSQLClient({ logger: { log() {}, setLevel() {} } });
  client.on('error', () => {});
  await client.connect({
    host: '127.0.0.1',
    port,
    path: '/',
    token: 'token',
    checkServerCertificate: false,
    telemetryEnabled: false,
    enableMetricViewMetadata: false,
    ...options,
  });
  // The generated client within the driver.
  instrumentClient((await client.getClient()) as object, { name });
  onTestFinished(() => client.close().catch(() => {}));
  return { client, name };
}

const countsOfSessions = (name: string) => countsOf(name, 'OpenSession', 'TCLIService');

async function openSession(trouble: Trouble, options: object = {}): Promise<string> {
  const { port, troubles } = await startWarehouse(modules, 'https');
  const { client, name } = await connect(port, options);
  troubles.push(trouble);
  await expect(client.openSession()).rejects.toThrow();
  return name;
}

test('calls of @databricks/sql that are answered succeed', async () => {
  const { port } = await startWarehouse(modules, 'https');
  const { client, name } = await connect(port);
  const session = await client.openSession();
  expect((await session.getInfo(17)).getValue()).toBe('loopback');
  expect(await countsOfSessions(name)).toEqual(SUCCEEDED);
  expect(await countsOf(name, 'GetInfo', 'TCLIService')).toEqual(SUCCEEDED);
});

test('an error that the server of @databricks/sql answers stays an application error', async () => {
  const { port } = await startWarehouse(modules, 'https');
  const { client, name } = await connect(port);
  const session = await client.openSession();
  await expect(session.executeStatement('throw')).rejects.toThrow('boom');
  expect(await countsOf(name, 'ExecuteStatement', 'TCLIService')).toEqual(
    failedWith('application TApplicationException'),
  );
});

test.each<[string, Trouble, string]>([
  ['a cut socket', 'cut', 'transport ECONNRESET'],
  ['the status 403', 403, 'transport THTTPException'],
  ['the status 503', 503, 'transport THTTPException'],
])('%s fails a call of @databricks/sql', async (_, trouble, failure) => {
  expect(await countsOfSessions(await openSession(trouble))).toEqual(failedWith(failure));
});

test('a timeout fails a call of @databricks/sql with kind timeout', async () => {
  const name = await openSession('never', { socketTimeout: 100 });
  expect(await countsOfSessions(name)).toEqual(failedWith('timeout ETIMEDOUT'));
});

test('a refused port fails a call of @databricks/sql with its code', async () => {
  const { client, name } = await connect(await closedPort());
  await expect(client.openSession()).rejects.toThrow();
  expect(await countsOfSessions(name)).toEqual(failedWith('transport ECONNREFUSED'));
});

test('a certificate that is not trusted fails a call of @databricks/sql with its code', async () => {
  const { port } = await startWarehouse(modules, 'https');
  const { client, name } = await connect(port, { checkServerCertificate: true });
  await expect(client.openSession()).rejects.toThrow();
  expect(await countsOfSessions(name)).toEqual(failedWith('transport DEPTH_ZERO_SELF_SIGNED_CERT'));
});

test('a server without TLS fails a call of @databricks/sql as transport', async () => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {}).end('plain text');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { client, name } = await connect((server.address() as net.AddressInfo).port);
  await expect(client.openSession()).rejects.toThrow();
  const { errors } = await countsOfSessions(name);
  expect(Object.keys(errors)).toEqual([expect.stringMatching(/^transport E[A-Z_]+$/)]);
});

test('a status after the last retry of @databricks/sql is an HTTP error', async () => {
  const { port, troubles } = await startWarehouse(modules, 'https');
  const { client, name } = await connect(port);
  const session = await client.openSession();
  Object.assign(client.getConfig(), { retryMaxAttempts: 2, retryDelayMin: 1, retryDelayMax: 2 });
  troubles.push(503, 503, 503, 503);
  await expect(session.getInfo(17)).rejects.toThrow();
  expect(await countsOf(name, 'GetInfo', 'TCLIService')).toEqual(
    failedWith('transport THTTPException'),
  );
});
