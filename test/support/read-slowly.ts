import type { Socket } from 'node:net';

/**
 * Reads one chunk every few milliseconds until the connection closes, so that it is never idle. The returned function
 * gives the number of bytes read.
 */
export function readSlowly(socket: Socket, milliseconds = 5): () => number {
  let taken = 0;
  socket.pause().on('data', (chunk) => {
    taken += chunk.length;
    socket.pause();
  });
  const timer = setInterval(() => socket.resume(), milliseconds);
  socket.once('close', () => clearInterval(timer));
  return () => taken;
}
