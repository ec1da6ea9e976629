import type { IncomingMessage } from 'node:http';
import { isIP, type Server } from 'node:net';

import type { Auth } from './auth';

/** Headers that a proxy adds to requests of others. Some proxies name only the protocol, and a sidecar only itself. */
const FORWARDED = /^(?:forwarded|via|x-real-ip|x-forwarded-.+|x-envoy-.+)$/;

/**
 * Decides whether an answer may show what calls and errors contain: arguments, messages, stacks. It may if the endpoint admits
 * readers one by one, or if only programs on this machine can have sent the request. The request has passed `auth`.
 */
export function revealsDetails(auth: Auth | undefined, request: IncomingMessage): boolean {
  return auth !== undefined || isFromThisMachine(request);
}

/**
 * Whether only programs on this machine can have sent a request: the server listens on the loopback interface or a Unix socket,
 * no proxy has forwarded the request, and it names this machine as its host, so that no other site has led a browser here.
 */
function isFromThisMachine({ socket, headers, httpVersion }: IncomingMessage): boolean {
  // No browser and no tool of today speaks it, but nginx did by default, which adds no header.
  if (httpVersion === '1.0') return false;
  if (Object.keys(headers).some((name) => FORWARDED.test(name))) return false;
  return isBoundToLoopback(socket) && isLocalHost(headers.host);
}

function isBoundToLoopback(socket: IncomingMessage['socket']): boolean {
  // A property of Node.js that its types do not have.
  const { server } = socket as { readonly server?: Partial<Server> };
  const address = server?.address?.() ?? null;
  if (typeof address === 'string') return true;
  return isLoopback(address?.address) && isLoopback(socket.localAddress);
}

function isLocalHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host
    .replace(/:\d*$/, '')
    .replace(/^\[(.*)\]$/, '$1')
    .toLowerCase();
  return name === 'localhost' || isLoopback(name);
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined || isIP(address) === 0) return false;
  const plain = address.replace(/^::ffff:/i, '');
  return plain.startsWith('127.') || plain === '::1';
}
