import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Runtime } from '../runtime/runtime';
import { InspectorInUse, NoInspector } from '../tools/profile/inspector';
import { readProfileRequest } from '../tools/profile/profile-request';
import { profilerOf, type TakenProfile } from '../tools/profile/profiler';
import { gzip, negotiateEncoding } from './compression';
import { PROTECTION_HEADERS, respond } from './respond';
import { turnOf } from './response-turn';

/** The path of profiles, below the path where the endpoint is mounted. */
export const PROFILE_PATH = '/-/profile';

/** Milliseconds for which a connection may be idle beyond the length of the profile. */
const SPARE = 30_000;

/** The header by which the live page shows that a request is its own. Pages of other origins cannot set it. */
const PAGE_HEADER = 'x-requested-with';

/** Responds with a profile of this process, once it is complete. The profile ends when the reader leaves. */
export async function serveProfile(
  runtime: Runtime,
  isOn: boolean,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
): Promise<void> {
  if (!isOn) {
    respond(response, 404, 'profiles are off; they need the options profile: true and auth');
    return;
  }
  if (request.method !== 'GET') {
    respond(response, 405, 'GET is allowed', { Allow: 'GET' });
    return;
  }
  if (isOfOtherPage(request)) {
    respond(response, 403, 'a browser may request a profile only from the live page');
    return;
  }
  const wanted = readProfileRequest(query);
  if (typeof wanted === 'string') {
    respond(response, 400, wanted);
    return;
  }
  // From its turn on, a response is closed when its connection is, which ends the profile.
  await turnOf(request, response);
  const profiler = profilerOf(runtime);
  const seconds = profiler.secondsUntilFree();
  if (seconds !== null) {
    respond(
      response,
      409,
      `a profile of this process is being taken; try again in ${seconds} seconds`,
      { 'Retry-After': String(seconds) },
    );
    return;
  }
  const reader = new AbortController();
  response.once('close', () => reader.abort());
  if (response.destroyed) reader.abort();
  const restoreTimeout = allowIdle(request, wanted.seconds * 1000 + SPARE);
  try {
    const profile = await profiler.take(wanted, reader.signal);
    restoreTimeout();
    if (profile !== null) await send(request, response, profile);
  } catch (error) {
    restoreTimeout();
    if (error instanceof NoInspector) respond(response, 501, error.message);
    else if (error instanceof InspectorInUse) respond(response, 409, error.message);
    else throw error;
  }
}

/**
 * Whether a browser sends the request for a page of another origin. It adds the user name and password that it knows to any
 * request, so that such a page could make the reader's browser start profiles. Browsers name the origin only where the
 * connection is encrypted or local; elsewhere, the live page shows itself by a header.
 */
function isOfOtherPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  // First, because an application may let other origins set headers, but only a browser itself sets this one.
  if (site !== undefined) return site !== 'same-origin' && site !== 'none';
  if (headers[PAGE_HEADER] !== undefined) return false;
  return headers['user-agent']?.startsWith('Mozilla/') === true;
}

/** Keeps the limit for idle connections from ending the request while it waits. Returns what restores the limit. */
function allowIdle({ socket }: IncomingMessage, duration: number): () => void {
  const before = socket.timeout;
  socket.setTimeout(duration);
  return () => void socket.setTimeout(before ?? 0);
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  { fileName, content }: TakenProfile,
): Promise<void> {
  const body = Buffer.from(JSON.stringify(content));
  const isCompressed = negotiateEncoding(request) === 'gzip';
  const sent = isCompressed ? await gzip(body) : body;
  response.writeHead(200, {
    ...PROTECTION_HEADERS,
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': sent.length,
    'Content-Disposition': `attachment; filename="${fileName}"`,
    Vary: 'Accept-Encoding',
    ...(isCompressed && { 'Content-Encoding': 'gzip' }),
  });
  response.end(sent);
}
