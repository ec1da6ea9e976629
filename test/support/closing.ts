import type { Socket } from 'node:net';

/** Resolves when a connection is over, whether in good order or not. */
export function closing(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.once('close', () => resolve()));
}
