import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { certify } from '../support/certify';
import { thrift, type Service } from '../support/start-thrift';
import type { AnyClient } from './library';

// oxlint-disable-next-line typescript/no-explicit-any -- functions and options that @types/thrift does not know
export const thriftLibrary = thrift as any;

/** What all connections have that these tests touch. */
export interface AnyConnection extends NodeJS.EventEmitter {
  write(data: Buffer): void;
  // oxlint-disable-next-line typescript/no-explicit-any -- fields of one kind of connection
  [field: string]: any;
}

export interface Running {
  readonly server: Server;
  readonly port: number;
  /** A connection that is there, or on its way. It is closed when the test ends. */
  connect(options?: object): AnyConnection;
  /** Ends everything that is connected to the server. */
  drop(): void;
  /** Ends the server and everything that is connected to it. */
  kill(): Promise<void>;
}

export type Start = (service: Service, handler: object, options?: object) => Promise<Running>;

export function clientOf(connection: AnyConnection, service: object): AnyClient {
  return thriftLibrary.createClient(service, connection) as AnyClient;
}

/** Closes a connection in the way that its kind has, and hears errors no more. */
export function closeAfterTest(connection: AnyConnection): AnyConnection {
  onTestFinished(() => {
    connection.on('error', () => {});
    if (typeof connection.destroy === 'function') connection.destroy();
    else if (connection.socket) connection.close();
  });
  return connection;
}

async function listen(
  server: Server,
  address: object,
  connect: (port: number, options: object) => AnyConnection,
): Promise<Running> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  server.on('error', () => {});
  server.listen(address);
  await once(server, 'listening');
  const bound = server.address();
  const port = typeof bound === 'object' ? (bound as AddressInfo).port : 0;
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const kill = async (): Promise<void> => {
    drop();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  onTestFinished(kill);
  return {
    server,
    port,
    connect: (options = {}) => closeAfterTest(connect(port, options)),
    drop,
    kill,
  };
}

export const HOST = '127.0.0.1';
const LOCAL = { host: HOST, port: 0 };

export const startTcp: Start = (service, handler, options = {}) =>
  listen(thriftLibrary.createServer(service, handler, options), LOCAL, (port, chosen) =>
    thriftLibrary.createConnection(HOST, port, { ...options, ...chosen }),
  );

export const startUnix: Start = (service, handler, options = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'thrift-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'socket');
  const server = thriftLibrary.createServer(service, handler, options);
  return listen(server, { path }, (_, chosen) =>
    thriftLibrary.createUDSConnection(path, { ...options, ...chosen }),
  );
};

export const startTls: Start = async (service, handler, options = {}) => {
  const server = thriftLibrary.createServer(service, handler, {
    ...options,
    tls: await certify('localhost'),
  });
  return listen(server, LOCAL, (port, chosen) =>
    thriftLibrary.createSSLConnection(HOST, port, {
      rejectUnauthorized: false,
      ...options,
      ...chosen,
    }),
  );
};

function webServer(service: Service, handler: object, options: object, tls?: object): Server {
  return thriftLibrary.createWebServer({
    tls,
    services: { '/library': { processor: service, handler, ...options } },
  }) as Server;
}

export const startHttp: Start = (service, handler, options = {}) =>
  listen(webServer(service, handler, options), LOCAL, (port, chosen) =>
    thriftLibrary.createHttpConnection(HOST, port, { path: '/library', ...options, ...chosen }),
  );

export const startHttps: Start = async (service, handler, options = {}) =>
  listen(webServer(service, handler, options, await certify('localhost')), LOCAL, (port, chosen) =>
    thriftLibrary.createHttpConnection(HOST, port, {
      path: '/library',
      https: true,
      nodeOptions: { rejectUnauthorized: false },
      ...options,
      ...chosen,
    }),
  );

export const startHttpUnix: Start = (service, handler, options = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'thrift-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'socket');
  return listen(webServer(service, handler, options), { path }, (_, chosen) =>
    thriftLibrary.createHttpUDSConnection(path, { path: '/library', ...options, ...chosen }),
  );
};

export const startWebSocket: Start = (service, handler, options = {}) =>
  listen(webServer(service, handler, options), LOCAL, (port, chosen) => {
    const connection = thriftLibrary.createWSConnection(HOST, port, {
      path: '/library',
      transport: thrift.TBufferedTransport,
      protocol: thrift.TBinaryProtocol,
      ...options,
      ...chosen,
    }) as AnyConnection;
    connection.open();
    return connection;
  });

export const STARTS: readonly [string, Start][] = [
  ['TCP', startTcp],
  ['TLS', startTls],
  ['a Unix socket', startUnix],
  ['HTTP', startHttp],
  ['HTTPS', startHttps],
  ['HTTP on a Unix socket', startHttpUnix],
  ['WebSocket', startWebSocket],
];
