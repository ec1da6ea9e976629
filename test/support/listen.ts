import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface Listening {
  /** 0 where the server listens on a path. */
  readonly port: number;
  /** The server's side of every connection so far. */
  readonly sockets: ReadonlySet<Socket>;
  /** The errors that the server emitted. */
  readonly errors: unknown[];
  /** Destroys all connections to the server. */
  drop(): void;
  /** Destroys all connections and closes the server. */
  close(): Promise<void>;
}

/** Makes a server listen on a free port, or on a path. */
export async function listen(server: Server, path?: string): Promise<Listening> {
  const sockets = new Set<Socket>();
  const errors: unknown[] = [];
  server.on('connection', (socket) => sockets.add(socket));
  server.on('error', (error) => errors.push(error));
  server.listen(path === undefined ? { host: '127.0.0.1', port: 0 } : { path });
  await once(server, 'listening');
  const drop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    sockets,
    errors,
    drop,
    async close() {
      drop();
      if (!server.listening) return;
      server.close();
      await once(server, 'close');
    },
  };
}
