import { once } from 'node:events';
import net, { type Server } from 'node:net';

import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { register } from 'prom-client';
import { expect, onTestFinished, vi } from 'vitest';

import {
  configureMetrics,
  Counted,
  instrumentClient,
  instrumentHandler,
  instrumentServer,
  instrumentService,
} from '../../src/index';
import { enableTracing } from '../../src/opentelemetry';
import { startServer } from '../thrift/server/start-server';
import { CATALOGUE } from '../../src/metrics/catalogue';
import { closing } from '../support/closing';
import { valueOf } from '../support/value-of';
import { thrift, type Service } from '../support/start-thrift';

const Library = require('../thrift/gen-nodejs/Library.js') as Service;
const { Refused } = require('../thrift/gen-nodejs/library_types.js') as {
  Refused: new (fields: { why: string }) => Error;
};

interface Client {
  ping(): Promise<void>;
  clear(): Promise<void>;
  divide(left: number, right: number): Promise<number>;
  describe(id: number): Promise<string>;
}

/** Makes every built-in metric record something before it resolves. */
export async function provokeEverything(): Promise<void> {
  configureMetrics({ onError: () => {}, callers: true });
  thrift.setLogFunc?.(() => {});
  // First, because series of the others would expire as well.
  await loseTenant();
  await callFromUntrusted();
  await callServices();
  await breakTls();
  await overcrowd();
  await loseServer();
  await answerLate();
  failInMetrics();
}

/** One call of a tenant, whose series expires. */
async function loseTenant(): Promise<void> {
  class Handler {
    @Counted({ name: 'tenant_calls_total', labels: { tenant: ({ args: [tenant] }) => tenant } })
    run(_tenant: string): void {}
  }
  new Handler().run('acme');
  configureMetrics({ expireAfter: 0.08 });
  await vi.waitFor(
    async () =>
      expect(
        await valueOf(register, CATALOGUE.expiredSeries.name, { metric: 'tenant_calls_total' }),
      ).toBe(1),
    { timeout: 20_000, interval: 20 },
  );
  configureMetrics({ expireAfter: null });
}

/** A call whose context is not accepted. */
async function callFromUntrusted(): Promise<void> {
  new NodeTracerProvider().register();
  const disable = enableTracing({ acceptFrom: false });
  const handler = instrumentHandler({ async ping() {} }, { service: 'Library' });
  const server = await startServer('tcp', { service: instrumentService(Library), handler });
  const { client } = await connect(server.port, {});
  await client.ping();
  disable();
}

/** Success, a declared error, one call that is never answered, a reply that cannot be written, and garbage. */
async function callServices(): Promise<void> {
  const handler = instrumentHandler(
    {
      async ping() {},
      async divide(left: number, right: number) {
        if (right === 0) throw new Refused({ why: 'by zero' });
        return left / right;
      },
      // Never calls back.
      clear(_answer: () => void) {},
      // Not the string that the IDL declares.
      async describe(id: number) {
        return id;
      },
    },
    { service: 'Library' },
  );
  const server = await startServer('tcp', { service: instrumentService(Library), handler });
  const { client, connection } = await connect(server.port, {});
  await client.ping();
  await client.divide(1, 0).catch(() => {});
  void client.clear();
  await closing(await garble(server.port));
  // The client cannot read the reply, so the call never settles.
  const answered = once(connection.connection, 'data');
  void client.describe(1).catch(() => {});
  await answered;
}

async function garble(port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {}).resume();
  await once(socket, 'connect');
  socket.write(Buffer.from('80020001000000', 'hex'));
  return socket;
}

/** Sends plain text where a TLS handshake is expected. */
async function breakTls(): Promise<void> {
  const { server, port } = await startServer('tls');
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {}).resume();
  const failed = once(server, 'tlsClientError');
  socket.write('GET / HTTP/1.1\r\n\r\n');
  await failed;
}

/** Opens one connection more than the server accepts. */
async function overcrowd(): Promise<void> {
  const { server, port } = await startServer('tcp');
  server.maxConnections = 1;
  const dropped = once(server, 'drop');
  for (let i = 0; i < 2; i++) net.connect(port, '127.0.0.1').on('error', () => {});
  await dropped;
}

/** A client whose server goes away: its connection retries, and its next call is queued. */
async function loseServer(): Promise<void> {
  const server = instrumentServer(thrift.createServer(Library, {}) as Server);
  server.on('error', () => {}).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  const accepted = once(server, 'connection') as Promise<[net.Socket]>;
  const { client, connection } = await connect(port, { max_attempts: 100 });
  void client.ping();
  server.close();
  (await accepted)[0].destroy();
  // Not with `once` of node:events, which would reject on the preceding error.
  await new Promise((resolve) => connection.once('reconnecting', resolve));
  void client.ping();
}

/** A call that is answered after the connection has timed out. */
async function answerLate(): Promise<void> {
  const answers: (() => void)[] = [];
  const handler = { clear: (answer: () => void) => void answers.push(answer) };
  const server = await startServer('tcp', { service: Library, handler });
  const { client, connection } = await connect(server.port, { timeout: 50 });
  const cleared = client.clear();
  await once(connection, 'timeout');
  answers[0]?.();
  await cleared;
}

async function connect(port: number, options: object) {
  const connection = thrift.createConnection('127.0.0.1', port, options);
  onTestFinished(() => {
    connection.end();
    connection.destroy();
  });
  connection.on('error', () => {});
  const client = instrumentClient(thrift.createClient<Client>(Library as never, connection), {
    name: 'conformance',
  });
  await once(connection, 'connect');
  return { client, connection };
}

/** A label function that throws once and returns more values than a metric may have series. */
function failInMetrics(): void {
  class Handler {
    @Counted({
      name: 'provoked_total',
      labels: {
        tag: ({ args: [tag] }) => {
          if (tag === 0) throw new Error('no tag');
          return String(tag);
        },
      },
    })
    run(_tag: number): void {}
  }
  const handler = new Handler();
  for (let tag = 0; tag < 2100; tag++) handler.run(tag);
}
