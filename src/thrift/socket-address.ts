import type { ThriftAddress } from '../recording/call-message';

/** The fields of a socket that hold its addresses. */
interface Addresses {
  readonly remoteAddress?: unknown;
  readonly remotePort?: unknown;
  readonly localAddress?: unknown;
  readonly localPort?: unknown;
}

/** The other end of a socket, if it is connected over IP. */
export function peerOf(socket: object): ThriftAddress | undefined {
  const { remoteAddress, remotePort } = socket as Addresses;
  return address(remoteAddress, remotePort);
}

/** This end of a socket, if it is connected over IP. */
export function localAddressOf(socket: object): ThriftAddress | undefined {
  const { localAddress, localPort } = socket as Addresses;
  return address(localAddress, localPort);
}

function address(host: unknown, port: unknown): ThriftAddress | undefined {
  if (typeof host !== 'string') return undefined;
  return { address: host, port: typeof port === 'number' ? port : undefined };
}
