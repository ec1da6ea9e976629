import type { Socket } from 'node:net';

/** The values of `thrift_reason` of `thrift_server_connections_closed_total`. */
export const CLOSE_REASONS = ['client', 'server', 'reset', 'timeout', 'error', 'upgrade'] as const;

export type CloseReason = (typeof CLOSE_REASONS)[number];

const REASONS_OF_CODES: Readonly<Record<string, CloseReason>> = {
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ETIMEDOUT: 'timeout',
  // The code of Node.js for an HTTP request that took too long to arrive.
  ERR_HTTP_REQUEST_TIMEOUT: 'timeout',
};

/**
 * The reason why a socket has closed. `clientEndedFirst` means that the client ended it before the server did, `wasIdle`
 * that it timed out and received nothing after that.
 */
export function closeReason(
  { errored }: Socket,
  clientEndedFirst: boolean,
  wasIdle: boolean,
): CloseReason {
  if (errored != null) {
    const code = String((errored as NodeJS.ErrnoException).code);
    // The reply came too late: the client had hung up.
    if (code === 'EPIPE' && clientEndedFirst) return 'client';
    return REASONS_OF_CODES[code] ?? 'error';
  }
  if (clientEndedFirst) return 'client';
  return wasIdle ? 'timeout' : 'server';
}
