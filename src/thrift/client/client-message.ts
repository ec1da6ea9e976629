import type { PublishedCall } from '../../recording/call-channel';
import type { Runtime } from '../../runtime/runtime';
import type { GeneratedClient } from '../generated';
import { readPosition, type Transport } from '../wire';
import type { ClientCall } from './client-call';
import type { InstrumentedClient } from './instrumented-client';

const SITE = 'client connection';

/**
 * Begins the message of a call for the tracing channel `thrift.client.call`. Returns null if the call is published already.
 * Never throws, because the call is counted already.
 */
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
    // A connection of the program may throw when its address is read.
    faults.report(SITE, fault);
  }
  published.beforeEnd = () => {
    message.requestSize = call.requestSize;
    message.responseSize = call.responseSize;
    // The first request of a client reveals its connection, and the address of the peer is known once it is connected.
    describeConnection();
  };
  return published;
}

/** Notes the size of the reply to a published call when it is decoded, because a buffered transport then drops it. */
export function measureReply(
  call: ClientCall,
  client: GeneratedClient,
  id: number,
  transport: Transport,
): void {
  // Generated code calls it with what it has decoded.
  const passOn = client._reqs[id];
  if (typeof passOn !== 'function') return;
  client._reqs[id] = function (this: unknown): unknown {
    const size = readPosition(transport);
    if (size >= 0) call.responseSize = size;
    return Reflect.apply(passOn, this, arguments);
  };
}
