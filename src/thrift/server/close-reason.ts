import type { Socket } from 'node:net';

/** The values of `thrift_reason` of `thrift_server_connections_closed_total`. */
export const CLOSE_REASONS = ['client', 'server', 'reset', 'timeout', 'error', 'upgrade'] as const;

export type CloseReason = (typeof CLOSE_REASONS)[number];

const REASONS_OF_CODES: Readonly<Record<string, CloseReason>> = {
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  // What Node.js gives an HTTP connection whose request took too long to arrive.
  ERR_HTTP_REQUEST_TIMEOUT: 'timeout',
};

/**
 * Why a socket that has closed did so: `clientEndedFirst` when its client ended it before the server did, `wasIdle` when
 * it had timed out and nothing came since.
 */
export function closeReason(
  { errored }: Socket,
  clientEndedFirst: boolean,
  wasIdle: boolean,
): CloseReason {
  if (errored != null) {
    const code = String((errored as NodeJS.ErrnoException).code);
    // A reply that came too late for a client which had hung up.
    if (code === 'EPIPE' && clientEndedFirst) return 'client';
    return REASONS_OF_CODES[code] ?? 'error';
  }
  if (clientEndedFirst) return 'client';
  return wasIdle ? 'timeout' : 'server';
}
