// Makes one call in one situation, with metrics or without: calls.ts <situation> <bare | instrumented>
import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Server } from 'node:net';

import { instrumentClient } from '../../../../src/index';
import { Answers, Library, loadEs5, type AnyClient } from '../library';

const thrift = require('thrift');

const [, , situation = '', way] = process.argv;
const HOST = '127.0.0.1';

function clientOf(connection: object, service: object = Library): AnyClient {
  const client = thrift.createClient(service, connection) as AnyClient;
  return way === 'instrumented' ? instrumentClient(client, { name: 'x' }) : client;
}

/** Listens without keeping the process alive. */
async function listen(server: Server): Promise<number> {
  server.on('error', () => {}).listen(0, HOST);
  await once(server, 'listening');
  server.unref();
  return (server.address() as AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = net.createServer();
  const port = await listen(server);
  server.close();
  await once(server, 'close');
  return port;
}

const thriftServer = (): Promise<number> => listen(thrift.createServer(Library, new Answers()));
const answering = (bytes: string): Promise<number> =>
  listen(net.createServer((socket) => socket.once('data', () => socket.end(bytes, 'latin1'))));

const LIST_FOR_A_NUMBER =
  '\x80\x01\x00\x02\x00\x00\x00\x05twice\x00\x00\x00\x01\x0f\x00\x00\x63\x7f\xff\xff\xff';

const situations: Record<string, () => Promise<void>> = {
  async 'a connection is refused without an error listener'() {
    void clientOf(thrift.createConnection(HOST, await closedPort(), {})).twice?.(1);
  },
  async 'a connection is refused with an error listener'() {
    const connection = thrift.createConnection(HOST, await closedPort(), {});
    connection.on('error', () => console.log('heard'));
    void clientOf(connection).twice?.(1);
  },
  async 'a connection is refused with an error listener on the socket'() {
    const connection = thrift.createConnection(HOST, await closedPort(), {});
    connection.connection.on('error', () => console.log('heard'));
    void clientOf(connection).twice?.(1);
  },
  async 'all connection attempts fail'() {
    const connection = thrift.createConnection(HOST, await closedPort(), { max_attempts: 1 });
    connection.on('error', () => console.log('heard'));
    void clientOf(connection).twice?.(1);
  },
  async 'a rejection is not handled'() {
    const connection = thrift.createConnection(HOST, await thriftServer(), {});
    void clientOf(connection).divide?.(1, 0);
  },
  async 'the server hangs up during a call'() {
    const port = await listen(
      net.createServer((socket) => socket.on('data', () => socket.destroy())),
    );
    void clientOf(thrift.createConnection(HOST, port, {})).twice?.(1);
  },
  async 'a callback throws'() {
    const connection = thrift.createConnection(HOST, await thriftServer(), {});
    clientOf(connection, loadEs5()).twice?.(1, () => {
      throw new Error('thrown by the callback');
    });
  },
  async 'a reply cannot be decoded'() {
    const port = await answering(LIST_FOR_A_NUMBER);
    void clientOf(thrift.createConnection(HOST, port, {})).twice?.(1);
  },
  async 'arguments cannot be written'() {
    const connection = thrift.createConnection(HOST, await thriftServer(), {});
    clientOf(connection, loadEs5()).describe?.(Symbol('no number'), () => {});
  },
  async 'an HTTP request is refused without an error listener'() {
    const connection = thrift.createHttpConnection(HOST, await closedPort(), {});
    void clientOf(connection).twice?.(1);
  },
  async 'an HTTP request is refused with an error listener'() {
    const connection = thrift.createHttpConnection(HOST, await closedPort(), {});
    connection.on('error', () => console.log('heard'));
    void clientOf(connection).twice?.(1);
  },
  async 'an HTTP 500 arrives without an error listener'() {
    const server = http.createServer((_, response) => response.writeHead(500).end());
    const connection = thrift.createHttpConnection(HOST, await listen(server), {});
    void clientOf(connection).twice?.(1);
  },
  async 'an HTTP response breaks off without an error listener'() {
    const port = await answering('HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf');
    void clientOf(thrift.createHttpConnection(HOST, port, {})).twice?.(1);
  },
  async 'an HTTP error response breaks off with an error listener'() {
    const port = await answering('HTTP/1.1 500 No\r\nContent-Length: 100\r\n\r\nhalf');
    const connection = thrift.createHttpConnection(HOST, port, {});
    connection.on('error', () => console.log('heard'));
    void clientOf(connection).twice?.(1);
  },
  async 'a WebSocket is refused without an error listener'() {
    const connection = thrift.createWSConnection(HOST, await closedPort(), {});
    connection.open();
    void clientOf(connection).twice?.(1);
  },
  async 'a WebSocket is refused with an error listener'() {
    const connection = thrift.createWSConnection(HOST, await closedPort(), {});
    connection.open();
    connection.on('error', () => console.log('heard'));
    void clientOf(connection).twice?.(1);
  },
};

// Prints the count even when the process dies of the error.
process.on('exit', () => {
  if (way === 'instrumented') console.log(`counted ${failed()}`);
});

const { register } = require('prom-client') as typeof import('prom-client');

function failed(): number {
  const family = register.getSingleMetric('thrift_client_errors_total') as unknown as {
    get(): { values: { value: number }[] };
  };
  return family.get().values.reduce((sum, { value }) => sum + value, 0);
}

void situations[situation]?.();
