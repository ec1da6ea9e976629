import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { configureMetrics, instrumentClient, resetMetrics } from '../../../src/index';
import { ACTIVE, countsOf, failedWith, lateRepliesOf, SUCCEEDED } from './client-counts';
import { emitted } from './emitted';
import { Answers, Library } from './library';
import { clientOf, startHttp, startHttps, thriftLibrary, type AnyConnection } from './transports';

/** Resolves when the next request of this process has closed and Thrift has handled that. */
function requestClosed(): Promise<void> {
  const { request } = http;
  return new Promise((resolve) => {
    http.request = ((...args: Parameters<typeof request>) => {
      http.request = request;
      const made = request(...args);
      made.once('close', () => setImmediate(() => setImmediate(resolve)));
      return made;
    }) as typeof request;
  });
}

/** An HTTP server with the given listener, and a client connected to it. */
async function clientOfHttp(
  name: string,
  answer: http.RequestListener,
  options: object = {},
): Promise<{ connection: AnyConnection; client: ReturnType<typeof clientOf> }> {
  const server = http.createServer((request, response) => {
    request.resume().once('end', () => answer(request, response));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const connection = thriftLibrary.createHttpConnection('127.0.0.1', port, options);
  return { connection, client: instrumentClient(clientOf(connection, Library), { name }) };
}

describe.each([
  ['HTTP', startHttp],
  ['HTTPS', startHttps],
] as const)('over %s', (transport, start) => {
  test('when one of two calls in flight is refused, it fails and the other succeeds', async () => {
    const name = `refused over ${transport}`;
    const handler = new Answers();
    const { server, connect } = await start(Library, handler);
    const connection = connect();
    const client = instrumentClient(clientOf(connection, Library), { name });
    const arrival = handler.arrival();
    const held = client.clamp?.(1, 2, 3) as Promise<number>;
    await arrival;
    // Established connections stay open.
    server.close();
    const refused = emitted(connection, 'error');
    void client.twice?.(1);
    await refused;
    expect(await countsOf(name, 'twice')).toEqual(failedWith('transport ECONNREFUSED'));
    expect(await countsOf(name, 'clamp')).toEqual(ACTIVE);
    handler.held[0]?.(null, 2);
    expect(await held).toBe(2);
    expect(await countsOf(name, 'clamp')).toEqual(SUCCEEDED);
  });

  test('when the server hangs up on one of two calls in flight, it fails and the other succeeds', async () => {
    const name = `hangs up over ${transport}`;
    const handler = new Answers();
    const { server, connect, kill } = await start(Library, handler);
    const requests: http.IncomingMessage[] = [];
    server.on('request', (request: http.IncomingMessage) => requests.push(request));
    const connection = connect();
    const client = instrumentClient(clientOf(connection, Library), { name });
    const arrivals = [handler.arrival(), handler.arrival()];
    void client.clamp?.(1, 2, 3);
    await arrivals[0];
    const held = client.clamp?.(1, 2, 3) as Promise<number>;
    await arrivals[1];
    const hungUp = emitted(connection, 'error');
    requests[0]?.socket.destroy();
    await hungUp;
    handler.held[1]?.(null, 2);
    expect(await held).toBe(2);
    expect(await countsOf(name, 'clamp')).toEqual({
      requests: 2,
      active: 0,
      succeeded: 1,
      failed: 1,
      errors: { 'transport ECONNRESET': 1 },
    });
    await kill();
  });
});

test('an HTTP status other than 200 fails the call', async () => {
  const { client, connection } = await clientOfHttp('status', (_, response) => {
    response.writeHead(503).end();
  });
  const failed = emitted(connection, 'error');
  void client.twice?.(1);
  expect(await failed).toMatchObject({ statusCode: 503 });
  expect(await countsOf('status', 'twice')).toEqual(failedWith('transport THTTPException'));
});

test('an HTTP timeout fails the call; a late reply still reaches the caller and is counted apart', async () => {
  const handler = new Answers();
  const { connect } = await startHttp(Library, handler);
  const connection = connect({ nodeOptions: { timeout: 50 } });
  const client = instrumentClient(clientOf(connection, Library), { name: 'http-timeout' });
  const { request } = http;
  const timeout = new Promise((resolve) => {
    http.request = ((...args: Parameters<typeof request>) => {
      http.request = request;
      return request(...args).once('timeout', () => setImmediate(resolve));
    }) as typeof request;
  });
  const arrival = handler.arrival();
  const call = client.clamp?.(1, 2, 3) as Promise<number>;
  await Promise.all([arrival, timeout]);
  expect(await countsOf('http-timeout', 'clamp')).toEqual(failedWith('timeout ETIMEDOUT'));
  expect(await lateRepliesOf('http-timeout', 'clamp')).toBe(0);
  handler.held[0]?.(null, 2);
  expect(await call).toBe(2);
  expect(await countsOf('http-timeout', 'clamp')).toEqual(failedWith('timeout ETIMEDOUT'));
  expect(await lateRepliesOf('http-timeout', 'clamp')).toBe(1);
});

test('the timeout for idle sockets of the global agent does not fail a call', async () => {
  const { options } = http.globalAgent as http.Agent & { options: { timeout: number } };
  const before = options.timeout;
  onTestFinished(() => void (options.timeout = before));
  options.timeout = 50;
  const handler = new Answers();
  const { connect } = await startHttp(Library, handler);
  const client = instrumentClient(clientOf(connect(), Library), { name: 'idle' });
  const { request } = http;
  const timeout = new Promise((resolve) => {
    http.request = ((...args: Parameters<typeof request>) => {
      http.request = request;
      return request(...args).once('timeout', () => setImmediate(resolve));
    }) as typeof request;
  });
  const arrival = handler.arrival();
  const call = client.clamp?.(1, 2, 3) as Promise<number>;
  await Promise.all([arrival, timeout]);
  expect(await countsOf('idle', 'clamp')).toEqual(ACTIVE);
  handler.held[0]?.(null, 2);
  expect(await call).toBe(2);
  expect(await countsOf('idle', 'clamp')).toEqual(SUCCEEDED);
});

test('an HTTP response that breaks off fails the call', async () => {
  const { client, connection } = await clientOfHttp('breaks-off', (_, response) => {
    response.writeHead(200, { 'content-length': 100 });
    response.write('half', () => response.destroy());
  });
  const failed = emitted(connection, 'error');
  void client.twice?.(1);
  await failed;
  expect(await countsOf('breaks-off', 'twice')).toEqual(failedWith('transport ECONNRESET'));
});

test.each([
  ['empty', ''],
  ['cut off', '\x80\x01\x00\x02\x00\x00\x00\x05twice'],
])('an HTTP response that is %s fails the call', async (name, body) => {
  const { client } = await clientOfHttp(name, (_, response) => response.end(body, 'latin1'));
  const closed = requestClosed();
  void client.twice?.(1);
  await closed;
  expect(await countsOf(name, 'twice')).toEqual(failedWith('transport ConnectionClosed'));
});

test('an undecodable HTTP response fails the call with the error that decoding throws', async () => {
  // Holds a list of elements of a nonexistent type where a number is expected.
  const body =
    '\x80\x01\x00\x02\x00\x00\x00\x05twice\x00\x00\x00\x01\x0f\x00\x00\x63\x7f\xff\xff\xff';
  const { client, connection } = await clientOfHttp('garbled', (_, response) => {
    response.end(body, 'latin1');
  });
  const failed = emitted(connection, 'error') as Promise<Error>;
  void client.twice?.(1);
  const { constructor } = await failed;
  expect(await countsOf('garbled', 'twice')).toEqual(failedWith(`transport ${constructor.name}`));
});

test('an HTTP response that ends with its connection is counted once it has been read', async () => {
  const reply = Buffer.from(
    '\x80\x01\x00\x02\x00\x00\x00\x05twice\x00\x00\x00\x01\x08\x00\x00\x00\x00\x00\x2a\x00',
    'latin1',
  );
  const { client } = await clientOfHttp('no-length', (request) => {
    request.socket.end(Buffer.concat([Buffer.from('HTTP/1.0 200 OK\r\n\r\n'), reply]));
  });
  expect(await client.twice?.(21)).toBe(42);
  await new Promise((resolve) => setImmediate(resolve));
  expect(await countsOf('no-length', 'twice')).toEqual(SUCCEEDED);
});

test('an HTTP request that cannot be made fails the call immediately with the thrown error', async () => {
  const connection = thriftLibrary.createHttpConnection('127.0.0.1', 1, { path: '/no path' });
  const client = instrumentClient(clientOf(connection, Library), { name: 'no-path' });
  await expect(client.twice?.(1)).rejects.toMatchObject({ code: 'ERR_UNESCAPED_CHARACTERS' });
  expect(await countsOf('no-path', 'twice')).toEqual(
    failedWith('transport ERR_UNESCAPED_CHARACTERS'),
  );
});

test('a oneway call over HTTP ends when its request is made, whatever the response', async () => {
  const { client, connection } = await clientOfHttp('oneway', (_, response) => {
    response.writeHead(500).end();
  });
  const failed = emitted(connection, 'error');
  await client.note?.('text');
  await failed;
  expect(await countsOf('oneway', 'note')).toEqual(SUCCEEDED);
});

test('http.request and https.request are restored as soon as a request is made or fails', async () => {
  const before = [http.request, https.request];
  const { connect } = await startHttp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name: 'restored' });
  const call = client.twice?.(1);
  expect([http.request, https.request]).toEqual(before);
  await call;
  const broken = thriftLibrary.createHttpConnection('127.0.0.1', 1, { path: '/no path' });
  await instrumentClient(clientOf(broken, Library))
    .twice?.(1)
    .catch(() => {});
  expect([http.request, https.request]).toEqual(before);
});

test('a request that an agent makes to connect is not mistaken for the request of the call', async () => {
  const handler = new Answers();
  const { port, connect } = await startHttp(Library, handler);
  const agent = new http.Agent();
  const refused: Promise<unknown>[] = [];
  Object.assign(agent, {
    createConnection: () => {
      const request = http.request({ host: '127.0.0.1', port: 1, agent: false });
      refused.push(once(request, 'error'));
      request.end();
      return net.connect(port, '127.0.0.1');
    },
  });
  const connection = connect({ nodeOptions: { agent } });
  const client = instrumentClient(clientOf(connection, Library), { name: 'agent' });
  const arrival = handler.arrival();
  const call = client.clamp?.(1, 2, 3) as Promise<number>;
  expect(refused).toHaveLength(1);
  await Promise.all([arrival, ...refused]);
  expect(await countsOf('agent', 'clamp')).toEqual(ACTIVE);
  handler.held[0]?.(null, 2);
  expect(await call).toBe(2);
  expect(await countsOf('agent', 'clamp')).toEqual(SUCCEEDED);
});

test('when http.request is read-only, calls still work and successes are measured', async () => {
  const property = Object.getOwnPropertyDescriptor(http, 'request') as PropertyDescriptor;
  Object.defineProperty(http, 'request', { ...property, writable: false });
  onTestFinished(() => void Object.defineProperty(http, 'request', property));
  const { connect } = await startHttp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name: 'read-only' });
  expect(await client.twice?.(1)).toBe(2);
  expect(await countsOf('read-only', 'twice')).toEqual(SUCCEEDED);
});

test('the timeout of an agent of the program fails a call', async () => {
  const handler = new Answers();
  const { connect } = await startHttp(Library, handler);
  const agent = new http.Agent({ timeout: 50 });
  const client = instrumentClient(clientOf(connect({ nodeOptions: { agent } }), Library), {
    name: 'agent-timeout',
  });
  const { request } = http;
  const timeout = new Promise((resolve) => {
    http.request = ((...args: Parameters<typeof request>) => {
      http.request = request;
      return request(...args).once('timeout', () => setImmediate(resolve));
    }) as typeof request;
  });
  const call = client.clamp?.(1, 2, 3) as Promise<number>;
  await Promise.all([handler.arrival(), timeout]);
  expect(await countsOf('agent-timeout', 'clamp')).toEqual(failedWith('timeout ETIMEDOUT'));
  handler.held[0]?.(null, 2);
  expect(await call).toBe(2);
});

/** A status that Thrift reports as an error of the connection, because the program has wrapped its callback. */
function wrapResponseCallback(connection: AnyConnection): void {
  const { responseCallback } = connection;
  connection['responseCallback'] = (response: http.IncomingMessage) =>
    responseCallback.call(connection, response);
}

test('a bad status that the connection reports fails only the call with this response', async () => {
  const held: http.ServerResponse[] = [];
  const { client, connection } = await clientOfHttp('one-status', (_, response) => {
    if (held.push(response) === 2) response.writeHead(503).end();
  });
  wrapResponseCallback(connection);
  const failed = emitted(connection, 'error');
  connection.on('error', () => {});
  void client.clamp?.(1, 2, 3);
  await vi.waitFor(() => expect(held).toHaveLength(1));
  void client.twice?.(1);
  const error = await failed;
  expect(error).toMatchObject({ statusCode: 503 });
  expect(await countsOf('one-status', 'twice')).toEqual(failedWith('transport THTTPException'));
  expect(await countsOf('one-status', 'clamp')).toEqual(ACTIVE);
});

test('labels can depend on the error of a bad status that the connection reports', async () => {
  const statuses: unknown[] = [];
  const { client, connection } = await clientOfHttp('status-label', (_, response) => {
    response.writeHead(503).end();
  });
  wrapResponseCallback(connection);
  instrumentClient(client, {
    labels: {
      status: ({ error }) => {
        statuses.push(error?.statusCode);
        return 'any';
      },
    },
  });
  const failed = emitted(connection, 'error');
  void client.twice?.(1);
  await failed;
  expect(statuses).toEqual([undefined, 503]);
});

test.each([
  [503, 'transport THTTPException'],
  [200, 'transport ConnectionClosed'],
])(
  'a response with status %i that the program keeps from Thrift fails the call',
  async (status, failure) => {
    const name = `kept-back-${status}`;
    const { client, connection } = await clientOfHttp(name, (_, response) => {
      response.writeHead(status).end();
    });
    connection['responseCallback'] = (response: http.IncomingMessage) => void response.resume();
    const closed = requestClosed();
    void client.twice?.(1);
    await closed;
    expect(await countsOf(name, 'twice')).toEqual(failedWith(failure));
  },
);

test('a request that cannot be observed is made, and the fault is reported', async () => {
  resetMetrics();
  const onError = vi.fn<(error: unknown, site: string) => void>();
  configureMetrics({ onError });
  const fault = new Error('no listeners');
  const { connect } = await startHttp(Library, new Answers());
  const client = instrumentClient(clientOf(connect(), Library), { name: 'unobserved' });
  const { request } = http;
  onTestFinished(() => void (http.request = request));
  http.request = ((...args: Parameters<typeof request>) =>
    Object.assign(request(...args), {
      once: () => {
        throw fault;
      },
    })) as typeof request;
  expect(await client.twice?.(21)).toBe(42);
  expect(onError.mock.calls).toEqual([[fault, 'client request']]);
  expect(await countsOf('unobserved', 'twice')).toEqual(SUCCEEDED);
});
