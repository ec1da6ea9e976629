import type { IncomingMessage } from 'node:http';

import type { Auth } from './auth';

/** Who can reach an endpoint. */
export interface Exposure {
  readonly auth: Auth | undefined;
  /** The host that the server listens on. Undefined if it listens on all interfaces, or if the host is not known. */
  readonly host: string | undefined;
}

/**
 * Decides whether an answer may show what calls and errors contain: arguments, messages, stacks. It may if the endpoint admits
 * readers one by one, or if only this machine reaches it. The request has passed `auth`.
 *
 * A request through a proxy on this machine, or with the name of another host, as after DNS rebinding, may come from anyone.
 */
export function revealsDetails({ auth, host }: Exposure, { headers }: IncomingMessage): boolean {
  if (auth !== undefined) return true;
  if (host === undefined || !isLoopback(host)) return false;
  const isForwarded =
    headers['x-forwarded-for'] !== undefined ||
    headers.forwarded !== undefined ||
    headers.via !== undefined;
  return !isForwarded && isLoopback(hostOf(headers.host ?? ''));
}

/** Returns the host in a Host header: `[::1]:8000` has `::1`. */
function hostOf(header: string): string {
  const [, ipv6, name = ''] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d*)?$/.exec(header) ?? [];
  return ipv6 ?? name;
}

function isLoopback(host: string): boolean {
  const name = host.toLowerCase();
  return (
    name === 'localhost' ||
    name === '::1' ||
    /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name)
  );
}
