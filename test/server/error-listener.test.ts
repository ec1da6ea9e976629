import { once } from 'node:events';
import type { Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';

import { configureMetrics, instrumentServer, resetMetrics } from '../../src/index';
import { thrift, type Service } from '../support/start-thrift';

const Library = require('../thrift/gen-nodejs/Library.js') as Service;
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

it('warns once when servers listen that nobody listens to the errors of', async () => {
  await listen(instrumentServer(create()));
  await listen(instrumentServer(create()));
  await nextTurn();
  expect(warnings).toEqual([WARNING]);
});

it('warns when the server listens already', async () => {
  const server = create();
  await listen(server);
  instrumentServer(server);
  await nextTurn();
  expect(warnings).toEqual([WARNING]);
});

it('does not warn when the program has added a listener right after the server listened', async () => {
  const server = instrumentServer(create());
  await listen(server);
  server.on('error', () => {});
  await nextTurn();
  expect(warnings).toEqual([]);
});

it('does not warn of a server that has been closed meanwhile', async () => {
  const server = instrumentServer(create());
  await listen(server);
  server.close();
  await nextTurn();
  expect(warnings).toEqual([]);
});

it('does not warn of a web server, whose errors Node.js answers', async () => {
  const services = { '/': { processor: Library, handler: {} } };
  await listen(instrumentServer(createWebServer({ services })));
  await nextTurn();
  expect(warnings).toEqual([]);
});

it('does not warn while metrics are disabled', async () => {
  configureMetrics({ enabled: false });
  const server = create();
  await listen(instrumentServer(server));
  const other = create();
  await listen(other);
  instrumentServer(other);
  await nextTurn();
  expect(warnings).toEqual([]);
});
