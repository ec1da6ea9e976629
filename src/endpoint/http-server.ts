import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

import type { FaultSink } from '../recording/guards';
import { ThriftMetricsError } from '../validation/errors';

/** Where a server listens. */
interface Address {
  readonly port: number;
  /** All interfaces if undefined. */
  readonly host: string | undefined;
  /** Whether a cluster worker listens by itself, instead of sharing a port that its primary opens. */
  readonly exclusive: boolean;
}

/** A server that listens, and can close at once. */
export class ListeningServer {
  private closed: Promise<void> | null = null;
  private isUnref = false;

  private constructor(
    private readonly server: Server | TlsServer,
    /** All open connections. An HTTPS server does not know those that have not finished their handshake. */
    private readonly sockets: ReadonlySet<Socket>,
  ) {}

  /**
   * Makes a server listen.
   *
   * @throws {@link ThriftMetricsError} if it cannot listen there.
   */
  static async listen(
    where: string,
    server: Server | TlsServer,
    faults: FaultSink,
    address: Address,
  ): Promise<ListeningServer> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
    await new Promise<void>((resolve, reject) => {
      const fail = (error: NodeJS.ErrnoException): void => {
        reject(listenError(where, error, address));
      };
      server.once('error', fail);
      server.listen({ ...address }, () => {
        server.off('error', fail);
        // Without a listener, an error of a connection would end the program.
        server.on('error', (error) => faults.report('endpoint', error));
        resolve();
      });
    });
    return new ListeningServer(server, sockets);
  }

  port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Keeps the server and its connections from keeping the process alive. */
  unref(): void {
    if (this.isUnref) return;
    this.isUnref = true;
    this.server.unref();
    // A scraper keeps its connection open between its requests.
    for (const socket of this.sockets) socket.unref();
    this.server.on('connection', (socket: Socket) => void socket.unref());
  }

  /** Stops listening, and ends all connections. Can be called again. */
  close(): Promise<void> {
    this.closed ??= new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.sockets) socket.destroy();
    });
    return this.closed;
  }
}

function listenError(
  where: string,
  error: NodeJS.ErrnoException,
  { port, host }: Address,
): ThriftMetricsError {
  const address = `port ${port}${host === undefined ? '' : ` of ${host}`}`;
  return error.code === 'EADDRINUSE'
    ? new ThriftMetricsError(
        'TM_ERR_PORT_IN_USE',
        `${where}: ${address} is in use. Stop the process that listens there, or set another port. Port 0 picks a free one.`,
        { cause: error },
      )
    : new ThriftMetricsError(
        'TM_ERR_LISTEN',
        `${where}: the server cannot listen on ${address}: ${error.message}. Set a host of this machine, and a port that this process may open.`,
        { cause: error },
      );
}

/** The URL of a server without a path. An address that means all interfaces becomes `localhost`. */
export function serverUrl(isTls: boolean, host: string | undefined, port: number): string {
  return `${isTls ? 'https' : 'http'}://${urlHost(host)}:${port}`;
}

function urlHost(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
}
