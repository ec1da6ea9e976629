import { once } from 'node:events';
import type { AddressInfo, Server, Socket } from 'node:net';

export interface Listening {
  /** 0 where the server listens on a path. */
  readonly port: number;
  /** The server's ends of all connections that there were. */
  readonly sockets: ReadonlySet<Socket>;
  /** What the server emitted as `error`. */
  readonly errors: unknown[];
  /** Ends everything that is connected to the server. */
  drop(): void;
  /** Ends the server, too. */
  close(): Promise<void>;
}

/** Lets a server listen on a free port, or on a path. */
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
