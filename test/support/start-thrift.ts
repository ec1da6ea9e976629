import type { Server } from 'node:net';

import type { Connection } from 'thrift';

import { listen } from './listen';

// The same module that generated code loads, so that the exceptions are the same classes.
export const thrift = require('thrift') as typeof import('thrift') & {
  /** Thrift 0.9.3 logs nothing. */
  setLogFunc?(log: (line: string) => void): void;
};

/** Closes the connection of a client at once. That of Thrift 0.9.3 can only end. */
export function hangUp(connection: Pick<Connection, 'end'> & Partial<Connection>): void {
  if (connection.destroy === undefined) connection.end();
  else connection.destroy();
}

/** A module that Thrift's compiler generated for a service. */
export type Service = Parameters<typeof thrift.createServer>[0];

export interface ThriftServer {
  readonly port: number;
  /** The errors that the server emitted. */
  readonly errors: unknown[];
  /** Whether the server has ended its side of a connection. */
  hasHungUpOn(connection: Connection): boolean;
  close(): Promise<void>;
}

/** Starts a real Thrift server on a free port. */
export async function startThrift(
  service: Service,
  handler: object,
  options: object = {},
): Promise<ThriftServer> {
  const server = thrift.createServer(service, handler, options) as Server;
  const { port, sockets, errors, close } = await listen(server);
  return {
    port,
    errors,
    hasHungUpOn: ({ connection: { localPort } }) =>
      [...sockets].some((socket) => socket.remotePort === localPort && socket.writableEnded),
    close,
  };
}
