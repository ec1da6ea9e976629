import { once } from 'node:events';
import { rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { certify } from '../support/certify';
import { listen } from '../support/listen';
import { thrift as library, type Service } from '../support/start-thrift';

// Missing from @types/thrift.
const thrift = library as unknown as {
  createServer(service: Service, handler: object, options: object): Server;
  MultiplexedProcessor: new () => { registerProcessor(name: string, processor: object): void };
  createWebServer(options: object): Server;
  createMultiplexServer(processor: object, options: object): Server;
  createConnection(host: string, port: number, options: object): Connection;
  createSSLConnection(host: string, port: number, options: object): Connection;
  createUDSConnection(path: string, options: object): Connection;
  createHttpConnection(host: string, port: number, options: object): Connection;
  createWSConnection(host: string, port: number, options: object): Connection;
};

export type Wire = 'tcp' | 'tls' | 'unix' | 'http' | 'https' | 'websocket';

export interface Layers {
  readonly transport: 'buffered' | 'framed';
  readonly protocol: 'binary' | 'compact' | 'json';
}

/** Any kind of connection of the library. */
export interface Connection {
  on(event: string, listener: (...args: unknown[]) => void): void;
  readonly connection?: Socket;
  open?(): void;
  close?(): void;
  destroy?(): void;
}

export interface Endpoint {
  readonly server: Server;
  /** Opens a connection with the transport and protocol of the server. */
  connect(): Promise<Connection>;
  close(): Promise<void>;
}

/** The name of the service on a multiplexed server. */
export const MULTIPLEXED_NAME = 'library';

const TRANSPORTS = { buffered: library.TBufferedTransport, framed: library.TFramedTransport };
const PROTOCOLS = {
  binary: library.TBinaryProtocol,
  compact: library.TCompactProtocol,
  json: library.TJSONProtocol,
};

/** Starts a server on a free port or path, with the given wire and layers. */
export async function startEndpoint(
  wire: Wire,
  layers: Layers,
  multiplexed: boolean,
  service: Service,
  handler: object,
  instrument: (server: Server) => Server,
): Promise<Endpoint> {
  const options = {
    transport: TRANSPORTS[layers.transport],
    protocol: PROTOCOLS[layers.protocol],
  };
  const certificate = wire === 'tls' || wire === 'https' ? await certify('localhost') : undefined;
  const { Processor } = service as unknown as { Processor: new (handler: object) => object };
  const processor = new Processor(handler);
  const multiplexer = new thrift.MultiplexedProcessor();
  multiplexer.registerProcessor(MULTIPLEXED_NAME, processor);
  const server = instrument(
    isWeb(wire)
      ? thrift.createWebServer({
          tls: certificate,
          services: {
            '/thrift': multiplexed
              ? { ...options, processor: multiplexer }
              : { ...options, processor: service, handler },
          },
        })
      : multiplexed
        ? thrift.createMultiplexServer(multiplexer, { ...options, tls: certificate })
        : thrift.createServer(service, handler, { ...options, tls: certificate }),
  );
  const path = join(tmpdir(), `thrift-metrics-${process.pid}-${Math.random()}.sock`);
  const { port, close } = await listen(server, wire === 'unix' ? path : undefined);
  return {
    server,
    connect: () => connect(wire, port, path, options),
    async close() {
      await close();
      rmSync(path, { force: true });
    },
  };
}

function isWeb(wire: Wire): boolean {
  return wire === 'http' || wire === 'https' || wire === 'websocket';
}

async function connect(
  wire: Wire,
  port: number,
  path: string,
  options: object,
): Promise<Connection> {
  const trusting = { rejectUnauthorized: false };
  switch (wire) {
    case 'tcp':
      return connected(thrift.createConnection('127.0.0.1', port, options));
    case 'tls':
      return connected(thrift.createSSLConnection('127.0.0.1', port, { ...options, ...trusting }));
    case 'unix':
      return connected(thrift.createUDSConnection(path, options));
    case 'http':
    case 'https':
      return thrift.createHttpConnection('127.0.0.1', port, {
        ...options,
        path: '/thrift',
        https: wire === 'https',
        nodeOptions: trusting,
      });
    default: {
      const connection = thrift.createWSConnection('127.0.0.1', port, {
        ...options,
        path: '/thrift',
      });
      const opened = once(connection as never, 'open');
      connection.open?.();
      await opened;
      return connection;
    }
  }
}

async function connected(connection: Connection): Promise<Connection> {
  await once(connection as never, 'connect');
  return connection;
}
