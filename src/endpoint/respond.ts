import type { ServerResponse } from 'node:http';

/** Headers of every response: nothing is guessed about its type, stored, or readable by pages of other origins. */
export const PROTECTION_HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
  'Cross-Origin-Resource-Policy': 'same-origin',
} as const;

/** Seconds after which a reader that was turned away may try again. */
const RETRY_AFTER = 5;

/** Responds with a line of plain text. */
export function respond(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, {
    ...PROTECTION_HEADERS,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    ...headers,
  });
  // Node.js omits the body of a response to HEAD.
  response.end(body);
}

/** Responds with a document in JSON. */
export function respondJson(response: ServerResponse, body: Buffer): void {
  response.writeHead(200, {
    ...PROTECTION_HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
  });
  // Node.js omits the body of a response to HEAD.
  response.end(body);
}

/** Responds with 503 to a reader that may try again later. */
export function respondBusy(
  response: ServerResponse,
  reason: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  respond(response, 503, reason, { 'Retry-After': String(RETRY_AFTER), ...headers });
}
