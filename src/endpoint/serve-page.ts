import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';

import type { Asset } from '../tools/page/assets';
import { negotiateEncoding, SMALLEST_COMPRESSED } from './compression';

const gzip = promisify(gzipCallback);

/** Nothing but what this server serves, no scripts or styles in the document, and in nobody's frame. */
const SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Answers with something of the live page. */
export async function servePage(
  request: IncomingMessage,
  response: ServerResponse,
  { contentType, body, etag }: Asset,
): Promise<void> {
  const headers = {
    'Content-Security-Policy': SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    Vary: 'Accept-Encoding',
    // Files are asked for each time, and sent only where they have changed; figures are never kept.
    'Cache-Control': etag === null ? 'no-store' : 'no-cache',
    ...(etag !== null && { ETag: etag }),
  };
  if (etag !== null && isHeld(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  const accepted = request.headers['accept-encoding'];
  const isCompressed =
    body.length >= SMALLEST_COMPRESSED &&
    negotiateEncoding(Array.isArray(accepted) ? accepted[0] : accepted) === 'gzip';
  const sent = isCompressed ? await gzip(body, { level: 1 }) : body;
  response.writeHead(200, {
    ...headers,
    'Content-Type': contentType,
    'Content-Length': sent.length,
    ...(isCompressed && { 'Content-Encoding': 'gzip' }),
  });
  // Node leaves the body away where the request was a HEAD.
  response.end(sent);
}

/** A cache, or a proxy that compresses, may have made the tag a weak one. */
function isHeld(held: string | undefined, etag: string): boolean {
  return (held ?? '').split(',').some((tag) => {
    const given = tag.trim().replace(/^W\//, '');
    return given === etag || given === '*';
  });
}
