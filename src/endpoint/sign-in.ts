import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Asset } from '../tools/page/assets';
import type { Guard } from './auth';
import { servePage } from './serve-page';

/**
 * Lets a person sign in to the live page with the token. A browser cannot ask for a bearer token, so a reader without it
 * gets the page's document as the body of the 401, and the page's program, which contain no figures. The program asks for the
 * token and sends it with each request for figures. Everything else is answered as before.
 *
 * @returns whether the request was answered
 */
export async function serveSignIn(
  guard: Guard,
  request: IncomingMessage,
  response: ServerResponse,
  asset: Asset | null,
): Promise<boolean> {
  if (!guard.asksForToken || asset === null) return false;
  if (asset.kind === 'file') {
    await servePage(request, response, asset);
    return true;
  }
  if (asset.kind !== 'document' || !acceptsHtml(request)) return false;
  const headers = { 'WWW-Authenticate': guard.challenge, 'Cache-Control': 'no-store' };
  await servePage(request, response, { ...asset, etag: null }, { status: 401, headers });
  return true;
}

/** Browsers name HTML when they open a page. Scrapers and scripts do not. */
function acceptsHtml({ headers }: IncomingMessage): boolean {
  return /\btext\/html\b/i.test(headers.accept ?? '');
}
