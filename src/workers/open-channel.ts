import { BroadcastChannel } from 'node:worker_threads';

/** A channel between the threads of this process, which does not keep the process. */
export function openChannel(name: string, receive: (data: unknown) => void): BroadcastChannel {
  const channel = new BroadcastChannel(name);
  channel.onmessage = ({ data }: { data: unknown }): void => receive(data);
  channel.unref();
  return channel;
}
