import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Asset } from '../tools/page/assets';
import type { UntilNewerHeader } from '../tools/page/browser/protocol';
import { BUSY } from '../tools/page/live-page';
import { PROTECTION_HEADERS, respondBusy } from './respond';
import { gzip, negotiateEncoding, SMALLEST_COMPRESSED } from './compression';

const UNTIL_NEWER_HEADER: UntilNewerHeader = 'Thrift-Metrics-Until-Newer';

/** Allows only files of this server, no inline scripts or styles, and no embedding in a frame. */
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

/** Responds with a file or figures of the live page. */
export async function servePage(
  request: IncomingMessage,
  response: ServerResponse,
  asset: Asset | typeof BUSY,
  /** What the answer to a reader adds before signing in. */
  refusal: {
    readonly status: 401;
    readonly headers: Readonly<Record<string, string>>;
  } | null = null,
): Promise<void> {
  if (asset === BUSY) {
    respondBusy(response, 'the live page computes too many different answers');
    return;
  }
  const { contentType, body, etag } = asset;
  const headers = {
    ...PROTECTION_HEADERS,
    'Content-Security-Policy': SECURITY_POLICY,
    'Referrer-Policy': 'no-referrer',
    Vary: 'Accept-Encoding',
    // A browser revalidates files each time, and receives only those that have changed. It never stores figures.
    'Cache-Control': etag === null ? 'no-store' : 'no-cache',
    ...(etag !== null && { ETag: etag }),
    ...(asset.untilNewer !== undefined && {
      [UNTIL_NEWER_HEADER]: String(Math.ceil(asset.untilNewer())),
    }),
    ...refusal?.headers,
  };
  if (etag !== null && refusal === null && isCached(request.headers['if-none-match'], etag)) {
    response.writeHead(304, headers);
    response.end();
    return;
  }
  const isCompressed = body.length >= SMALLEST_COMPRESSED && negotiateEncoding(request) === 'gzip';
  const sent = isCompressed ? await (asset.gzipped ??= gzip(body)) : body;
  response.writeHead(refusal?.status ?? 200, {
    ...headers,
    'Content-Type': contentType,
    'Content-Length': sent.length,
    ...(isCompressed && { 'Content-Encoding': 'gzip' }),
  });
  // Node.js omits the body of a response to HEAD.
  response.end(sent);
}

/** Accepts weak tags too, because a cache or a compressing proxy may have weakened the tag. */
function isCached(cached: string | undefined, etag: string): boolean {
  return (cached ?? '').split(',').some((tag) => {
    const given = tag.trim().replace(/^W\//, '');
    return given === etag || given === '*';
  });
}
