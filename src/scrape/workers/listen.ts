import type { Cluster } from 'node:cluster';
import { BroadcastChannel } from 'node:worker_threads';

const KEY = Symbol.for('thrift-metrics.listener.2');

/**
 * Listens to a part of Node itself. A test runner loads this package into one environment after another, each with a
 * global object of its own, and would leave a listener, and with it the environment, for each of them: so there is one
 * for all, which hears for the latest.
 */
export function listenOnce<T>(
  target: object,
  listener: T,
  listen: (latest: () => T) => void,
): void {
  const holder = target as { [KEY]?: { latest: T } };
  const known = holder[KEY];
  if (known !== undefined) {
    known.latest = listener;
    return;
  }
  const place = { latest: listener };
  Object.defineProperty(target, KEY, { value: place });
  listen(() => place.latest);
}

/** A channel between the threads of this process, which does not keep the process. */
export function openChannel(name: string, receive: (data: unknown) => void): BroadcastChannel {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: { data: unknown }): void => receive(data);
  channel.unref();
  return channel;
}

/** A cluster worker has a channel to its primary; a program without one need not load the module. */
export function isClusterWorker(): boolean {
  return process.send !== undefined && (require('node:cluster') as Cluster).isWorker;
}
