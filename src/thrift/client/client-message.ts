import type { PublishedCall } from '../../recording/call-channel';
import type { Runtime } from '../../runtime/runtime';
import { readPosition } from '../wire';
import type { ClientCall } from './client-call';
import type { InstrumentedClient } from './instrumented-client';

/** Begins the message of a call for the tracing channel `thrift.client.call`. Null if the call is published already. */
export function publish(
  { clientCalls, faults }: Runtime,
  instrumented: InstrumentedClient,
  call: ClientCall,
  method: string,
  isOneway: boolean,
  args: ArrayLike<unknown>,
): PublishedCall | null {
  const { service, name } = instrumented.profile;
  const published = clientCalls.open(service, method, instrumented, args);
  if (published === null) return null;
  const { message } = published;
  message.clientName = name;
  message.isOneway = isOneway;
  const describeConnection = (): void => {
    const { connection } = instrumented;
    if (connection === null) return;
    message.server ??= connection.server();
    message.peer ??= connection.peer();
  };
  try {
    describeConnection();
  } catch (fault) {
    // The fields of a connection of the program can throw. The call is published without its address.
    faults.report('client call', fault);
  }
  // The first request of a client reveals its connection, and the address of the peer is known once it is connected.
  published.beforeEnd = () => {
    describeConnection();
    const { replyTransport, requestSize } = call;
    message.requestSize = requestSize;
    if (call.hasReply && replyTransport !== null) {
      const size = readPosition(replyTransport);
      if (size >= 0) message.responseSize = size;
    }
  };
  return published;
}
