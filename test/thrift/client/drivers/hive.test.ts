import { expect, onTestFinished, test } from 'vitest';

import { instrumentClient } from '../../../../src/index';
import { countsOf, failedWith, SUCCEEDED } from '../client-counts';
import { modulesOf, startWarehouse, type Any, type Trouble, type Warehouse } from './warehouse';

const modules = modulesOf('hive-driver', '../thrift/gen-nodejs/TCLIService');
const hive = require('hive-driver');

let connections = 0;

/** Connects the driver to a new server, and opens a session. */
async function open(transport: 'http' | 'tcp'): Promise<{
  session: Any;
  events: string[];
  name: string;
  warehouse: Warehouse;
}> {
  const name = `hive-${connections++}`;
  const warehouse = await startWarehouse(modules, transport);
  const { TCLIService, TCLIService_types: types } = hive.thrift;
  const client = new hive.HiveClient(TCLIService, types);
  const events: string[] = [];
  for (const event of ['error', 'close', 'timeout']) client.on(event, () => events.push(event));
  const isHttp = transport === 'http';
  await client.connect(
    {
      host: '127.0.0.1',
      port: warehouse.port,
      options: isHttp ? { path: '/', nodeOptions: { timeout: 300 } } : {},
    },
    isHttp ? new hive.connections.HttpConnection() : new hive.connections.TcpConnection(),
    isHttp
      ? new hive.auth.PlainHttpAuthentication({ username: 'name', password: 'word' })
      : new hive.auth.NoSaslAuthentication(),
  );
  onTestFinished(() => client.close());
  instrumentClient(client.client, { name, connection: client.connection.getConnection() });
  const { HIVE_CLI_SERVICE_PROTOCOL_V10: version } = types.TProtocolVersion;
  const session = await client.openSession({ client_protocol: version });
  return { session, events, name, warehouse };
}

const execute = (name: string) => countsOf(name, 'ExecuteStatement', 'TCLIService');

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test.each(['http', 'tcp'] as const)(
  'calls of hive-driver over %s are counted by their answers',
  async (transport) => {
    const { session, name } = await open(transport);
    await session.executeStatement('select 1', { runAsync: true });
    expect(await execute(name)).toEqual(SUCCEEDED);
    await expect(session.executeStatement('throw', { runAsync: true })).rejects.toThrow('boom');
    expect((await execute(name)).errors).toEqual({ 'application TApplicationException': 1 });
  },
);

test.each<[string, Trouble, string]>([
  ['the status 503', 503, 'transport THTTPException'],
  ['the status 401', 401, 'transport THTTPException'],
  ['a cut socket', 'cut', 'transport ECONNRESET'],
])('%s fails a call of hive-driver over HTTP', async (_, trouble, failure) => {
  const { session, name, events, warehouse } = await open('http');
  warehouse.troubles.push(trouble);
  void session.executeStatement('select 1').catch(() => {});
  await until(() => events.includes('error'));
  expect(await execute(name)).toEqual(failedWith(failure));
});

test('a status that hive-driver reports fails only the call it belongs to', async () => {
  const { session, name, events, warehouse } = await open('http');
  warehouse.troubles.push('never', 503);
  void session.executeStatement('first').catch(() => {});
  void session.getInfo(17).catch(() => {});
  await until(() => events.includes('error'));
  expect(await execute(name)).toMatchObject({ active: 1, failed: 0 });
  expect(await countsOf(name, 'GetInfo', 'TCLIService')).toEqual(
    failedWith('transport THTTPException'),
  );
});

test('a connection that is cut fails a call of hive-driver over TCP', async () => {
  const { session, name, events, warehouse } = await open('tcp');
  void session.executeStatement('hang').catch(() => {});
  await new Promise((resolve) => setTimeout(resolve, 50));
  warehouse.cut();
  await until(() => events.includes('close'));
  expect(await execute(name)).toEqual(failedWith('transport ConnectionClosed'));
});
