import diagnostics from 'node:diagnostics_channel';
import type { Socket } from 'node:net';

/** The server's side of the next connection with a request to any HTTP server of this process. */
export function nextServerSocket(): Promise<Socket> {
  return new Promise((resolve) => {
    const channel = 'http.server.request.start';
    const found = (message: unknown): void => {
      diagnostics.unsubscribe(channel, found);
      resolve((message as { socket: Socket }).socket);
    };
    diagnostics.subscribe(channel, found);
  });
}
