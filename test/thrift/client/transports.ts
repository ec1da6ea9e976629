import { mkdtempSync, rmSync } from 'node:fs';
import type { Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { certify } from '../../support/certify';
import { listen } from '../../support/listen';
import { thrift, type Service } from '../../support/start-thrift';
import type { AnyClient } from './library';

// oxlint-disable-next-line typescript/no-explicit-any -- functions and options that @types/thrift does not know
export const thriftLibrary = thrift as any;

/** What these tests use of every kind of connection. */
export interface AnyConnection extends NodeJS.EventEmitter {
  write(data: Buffer): void;
  // oxlint-disable-next-line typescript/no-explicit-any -- fields of one kind of connection
  [field: string]: any;
}

interface Running {
  readonly server: Server;
  readonly port: number;
  /** Opens a connection, which may still be connecting. It is closed when the test ends. */
  connect(options?: object): AnyConnection;
  /** Destroys all connections to the server. */
  drop(): void;
  /** Closes the server and destroys all its connections. */
  kill(): Promise<void>;
}

export type Start = (service: Service, handler: object, options?: object) => Promise<Running>;

export function clientOf(connection: AnyConnection, service: object): AnyClient {
  return thriftLibrary.createClient(service, connection) as AnyClient;
}

/** Closes a connection when the test ends, in the way its kind needs, and ignores its errors from then on. */
export function closeAfterTest(connection: AnyConnection): AnyConnection {
  onTestFinished(() => {
    connection.on('error', () => {});
    if (typeof connection.destroy === 'function') connection.destroy();
    else if (connection.socket) connection.close();
  });
  return connection;
}

async function serve(
  server: Server,
  connect: (port: number, options: object) => AnyConnection,
  path?: string,
): Promise<Running> {
  server.on('connection', (socket) => socket.on('error', () => {}));
  const { port, drop, close: kill } = await listen(server, path);
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

export const startTcp: Start = (service, handler, options = {}) =>
  serve(thriftLibrary.createServer(service, handler, options), (port, chosen) =>
    thriftLibrary.createConnection(HOST, port, { ...options, ...chosen }),
  );

export const startUnix: Start = (service, handler, options = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'thrift-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'socket');
  const server = thriftLibrary.createServer(service, handler, options);
  return serve(
    server,
    (_, chosen) => thriftLibrary.createUDSConnection(path, { ...options, ...chosen }),
    path,
  );
};

export const startTls: Start = async (service, handler, options = {}) => {
  const server = thriftLibrary.createServer(service, handler, {
    ...options,
    tls: await certify('localhost'),
  });
  return serve(server, (port, chosen) =>
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
  serve(webServer(service, handler, options), (port, chosen) =>
    thriftLibrary.createHttpConnection(HOST, port, { path: '/library', ...options, ...chosen }),
  );

export const startHttps: Start = async (service, handler, options = {}) =>
  serve(webServer(service, handler, options, await certify('localhost')), (port, chosen) =>
    thriftLibrary.createHttpConnection(HOST, port, {
      path: '/library',
      https: true,
      nodeOptions: { rejectUnauthorized: false },
      ...options,
      ...chosen,
    }),
  );

const startHttpUnix: Start = (service, handler, options = {}) => {
  const folder = mkdtempSync(join(tmpdir(), 'thrift-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'socket');
  return serve(
    webServer(service, handler, options),
    (_, chosen) =>
      thriftLibrary.createHttpUDSConnection(path, { path: '/library', ...options, ...chosen }),
    path,
  );
};

export const startWebSocket: Start = (service, handler, options = {}) =>
  serve(webServer(service, handler, options), (port, chosen) => {
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
