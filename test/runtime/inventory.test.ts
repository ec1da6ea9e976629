import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, test } from 'vitest';

import { inventoryOf } from '../../src/runtime/inventory';
import { Runtime } from '../../src/runtime/runtime';
import { thrift } from '../support/start-thrift';

const create = (): ReturnType<typeof inventoryOf> => inventoryOf(new Runtime());

test('a copy of thrift is listed with its version and its folder', () => {
  const folder = dirname(require.resolve('thrift/package.json'));
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    version: string;
  };
  const inventory = create();
  inventory.addLibrary(thrift);
  expect(inventory.libraries).toEqual([{ version, folder }]);
});

test.each([
  ['that no module exports', {}],
  ['of a module of another package', require('prom-client') as object],
])('a copy of thrift %s is listed without version and folder', (_, library) => {
  const inventory = create();
  inventory.addLibrary(library);
  expect(inventory.libraries).toEqual([{ version: '', folder: 'an unknown folder' }]);
});

test('the handlers behind facades are counted by service', () => {
  const inventory = create();
  for (const service of ['Shop', 'Stock', 'Shop']) inventory.addFacade(service);
  expect(Object.fromEntries(inventory.facades)).toEqual({ Shop: 2, Stock: 1 });
});

test('servers are listed in the order in which they were instrumented', () => {
  const inventory = create();
  const servers = ['tcp', 'http'].map((transport) => ({
    transport: () => transport,
    address: () => null,
  }));
  for (const server of servers) inventory.addServer(server);
  expect(inventory.currentServers()).toEqual(servers);
});
