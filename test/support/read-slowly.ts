import type { Socket } from 'node:net';

/**
 * Takes one piece of what arrives every few milliseconds until the connection is over, so that it is never idle. Gives
 * how many bytes it has taken.
 */
export function readSlowly(socket: Socket, milliseconds = 5): () => number {
  let taken = 0;
  socket.pause().on('data', (piece) => {
    taken += piece.length;
    socket.pause();
  });
  const timer = setInterval(() => socket.resume(), milliseconds);
  socket.once('close', () => clearInterval(timer));
  return () => taken;
}
