import type { IncomingMessage, ServerResponse } from 'node:http';

import type { FaultSink } from '../recording/guards';
import type { Guard } from './auth';

/**
 * Passes a request on to `serve` if it is allowed, and otherwise responds with 401 or 405. A fault is reported and becomes
 * a 500; it never reaches the program.
 */
export async function guarded(
  faults: FaultSink,
  guard: Guard,
  request: IncomingMessage,
  response: ServerResponse,
  serve: () => void | Promise<void>,
): Promise<void> {
  // Discards the body, because the next request on the connection comes after it.
  request.resume();
  response.on('error', () => {});
  try {
    if (!(await guard.allows(request))) {
      const headers = { 'WWW-Authenticate': guard.challenge };
      respond(response, 401, 'authentication is needed', headers);
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      respond(response, 405, 'GET and HEAD are allowed', { Allow: 'GET, HEAD' });
    } else await serve();
  } catch (error) {
    faults.report('endpoint', error);
    if (!response.headersSent) respond(response, 500, 'the metrics could not be written');
    else response.destroy();
  }
}

/** Responds with a line of plain text. */
export function respond(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    ...headers,
  });
  // Node.js omits the body of a response to HEAD.
  response.end(body);
}
