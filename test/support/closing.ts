import type { Socket } from 'node:net';

/** Resolves when a connection has closed, cleanly or not. */
export function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
