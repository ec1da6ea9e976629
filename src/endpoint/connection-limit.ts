import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Socket } from 'node:net';

/** Connections that are served. An idle one takes about 20 kB. */
const MAX_CONNECTIONS = 512;

/** Limits the open connections of a server. Further ones get a 503, and more than twice the limit are not accepted. */
export class ConnectionLimit {
  private open = 0;
  private readonly excess = new WeakSet<Socket>();

  constructor(
    server: Server | TlsServer,
    isTls: boolean,
    private readonly most: number = MAX_CONNECTIONS,
  ) {
    server.maxConnections = 2 * most;
    server.on('connection', (socket: Socket) => {
      this.open++;
      socket.once('close', () => this.open--);
      // Connections that wait for their next request make room.
      if (this.open > most) server.closeIdleConnections();
    });
    server.on(isTls ? 'secureConnection' : 'connection', (socket: Socket) => {
      if (this.open > most) this.excess.add(socket);
    });
  }

  /** Whether the connection came when there were too many, and there still are. */
  refuses(socket: Socket): boolean {
    return this.open > this.most && this.excess.has(socket);
  }
}
