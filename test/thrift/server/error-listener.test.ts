import { once } from 'node:events';
import type { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';

import { configureMetrics, instrumentServer, resetMetrics } from '../../../src/index';
import { thrift, type Service } from '../../support/start-thrift';

const Library = require('../gen-nodejs/Library.js') as Service;
const { createWebServer } = thrift as unknown as { createWebServer(options: object): Server };

let warnings: unknown[];
beforeEach(() => {
  warnings = [];
  resetMetrics();
  configureMetrics({ onError: (error, site) => warnings.push({ error, site }) });
});
afterEach(() => configureMetrics({ enabled: true }));

const create = (): Server => thrift.createServer(Library, {}) as Server;

async function listen(server: Server): Promise<void> {
  onTestFinished(() => void server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
}

const WARNING = {
  site: 'instrumentServer',
  error: expect.objectContaining({
    code: 'TM_ERR_NO_ERROR_LISTENER',
    message: expect.stringContaining("server.on('error'"),
  }),
};

it('instrumentServer warns once if listening servers have no error listener', async () => {
  await listen(instrumentServer(create()));
  await listen(instrumentServer(create()));
  await nextTurn();
  expect(warnings).toEqual([WARNING]);
});

it('instrumentServer warns if the server is already listening', async () => {
  const server = create();
  await listen(server);
  instrumentServer(server);
  await nextTurn();
  expect(warnings).toEqual([WARNING]);
});

it('instrumentServer does not warn if an error listener is added right after the server listens', async () => {
  const server = instrumentServer(create());
  await listen(server);
  server.on('error', () => {});
  await nextTurn();
  expect(warnings).toEqual([]);
});

it('instrumentServer does not warn about a server that has been closed meanwhile', async () => {
  const server = instrumentServer(create());
  await listen(server);
  server.close();
  await nextTurn();
  expect(warnings).toEqual([]);
});

it('instrumentServer does not warn about a web server, whose errors Node.js answers', async () => {
  const services = { '/': { processor: Library, handler: {} } };
  await listen(instrumentServer(createWebServer({ services })));
  await nextTurn();
  expect(warnings).toEqual([]);
});

it('instrumentServer does not warn while metrics are disabled', async () => {
  configureMetrics({ enabled: false });
  const server = create();
  await listen(instrumentServer(server));
  const other = create();
  await listen(other);
  instrumentServer(other);
  await nextTurn();
  expect(warnings).toEqual([]);
});
