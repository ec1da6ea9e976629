import type { EventEmitter } from 'node:events';

/**
 * Has `enter` and `leave` called before and after all that listen to the data of a stream now. Where nobody does, nothing
 * is done: a listener would make the stream flow.
 *
 * @returns whether anybody does
 */
export function watchData(
  stream: EventEmitter,
  enter: () => void,
  leave: (data: Buffer) => void,
): boolean {
  if (stream.listenerCount('data') === 0) return false;
  stream.prependListener('data', enter);
  stream.on('data', leave);
  return true;
}
