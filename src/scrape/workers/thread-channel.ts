import { BroadcastChannel } from 'node:worker_threads';

/**
 * The channel on which worker threads announce themselves and send their final reports. The number is the version of the
 * messages, as in `PRIMARY_VARIABLE`.
 */
export const LOBBY = 'thrift-metrics.workers.3';

/** The channel for the requests to one thread and its reports, which the other threads therefore need not receive. */
export function channelOf(threadId: number): string {
  return `${LOBBY}.${threadId}`;
}

/** Opens a channel between the threads of this process. It does not keep the process alive. */
export function openChannel(name: string, receive?: (data: unknown) => void): BroadcastChannel {
  const channel = new BroadcastChannel(name);
  if (receive !== undefined) listen(channel, receive);
  channel.unref();
  return channel;
}

/** Passes what arrives on a channel to `receive`, and no longer to another function. */
export function listen(channel: BroadcastChannel, receive: (data: unknown) => void): void {
  channel.onmessage = ({ data }: { data: unknown }): void => receive(data);
}
