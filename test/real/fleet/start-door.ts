import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A proxy for an HTTP server. While it is shut, it answers every request with 503. */
export interface Door {
  readonly address: string;
  /** Whether a request was refused since it was last shut. */
  readonly refused: boolean;
  shut(): void;
  open(): void;
  close(): void;
}

export async function startDoor(address: string): Promise<Door> {
  let isOpen = true;
  let refused = false;
  const server = createServer((incoming, response) => {
    if (!isOpen) {
      refused = true;
      incoming.resume();
      response.writeHead(503).end();
      return;
    }
    const { method, headers, url = '/' } = incoming;
    const forwarded = request(`http://${address}${url}`, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    forwarded.on('error', (error) => response.destroy(error));
    incoming.pipe(forwarded);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get refused() {
      return refused;
    },
    shut: () => {
      isOpen = false;
      refused = false;
    },
    open: () => {
      isOpen = true;
    },
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
