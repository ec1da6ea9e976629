import type { IncomingMessage, ServerResponse } from 'node:http';

import type { FaultSink } from '../recording/call-labels';
import { currentRuntime } from '../runtime/runtime';
import {
  LATE,
  LIMITS,
  LONGEST_SCRAPE_TIMEOUT,
  METRIC_SHARE,
  within,
  type Limits,
} from '../scrape/deadlines';
import { checkOptions } from '../validation/checks';
import { createGuard, type Auth, type Guard } from './auth';
import { negotiateEncoding } from './compression';
import { SharedScrapes } from './shared-scrape';

export interface MetricsHandlerOptions {
  /** Who may read. Everybody. */
  auth?: Auth | undefined;
}

/** A request listener, as `node:http`, Express and others take it. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * Answers every request it is given with the metrics, for an HTTP application that exists: mount it where Prometheus is
 * to scrape. GET and HEAD only; formats by Accept, gzip and brotli by Accept-Encoding, `name[]` parameters restrict the
 * answer to these metrics, and `X-Prometheus-Scrape-Timeout-Seconds` is kept to (503 past it). A reader that has not
 * taken the whole of the metrics after two minutes is disconnected.
 *
 * @throws {@link ThriftMetricsError} when an option is wrong.
 *
 * @example
 * ```ts
 * http.createServer(metricsHandler()).listen(8000);
 * ```
 */
export function metricsHandler(options: MetricsHandlerOptions = {}): RequestHandler {
  return createHandler(options, LIMITS);
}

/** The same with other limits, for tests that are not to wait for these. */
export function createHandler(
  options: MetricsHandlerOptions,
  limits: Pick<Limits, 'responseTimeout'>,
): RequestHandler {
  checkOptions('metricsHandler', options, ['auth']);
  const guard = createGuard('metricsHandler', options.auth);
  const runtime = currentRuntime();
  const scrapes = new SharedScrapes(runtime);
  return (request, response) => {
    void guarded(runtime.faults, guard, request, response, () =>
      serveMetrics(scrapes, request, response, limits),
    );
  };
}

/** Lets a request through to `serve`, or answers it with 401 or 405. A fault ends in a 500, never in the program. */
export async function guarded(
  faults: FaultSink,
  guard: Guard,
  request: IncomingMessage,
  response: ServerResponse,
  serve: () => void | Promise<void>,
): Promise<void> {
  // A body is nothing we want, but the next request on the connection stands behind it.
  request.resume();
  response.on('error', () => {});
  try {
    if (!(await guard.allows(request))) {
      answer(response, 401, 'authentication is needed', { 'WWW-Authenticate': guard.challenge });
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      answer(response, 405, 'GET and HEAD are allowed', { Allow: 'GET, HEAD' });
    } else await serve();
  } catch (error) {
    faults.report('endpoint', error);
    if (!response.headersSent) answer(response, 500, 'the metrics could not be written');
    else response.destroy();
  }
}

/** A short answer in plain text. */
export function answer(
  response: ServerResponse,
  status: number,
  text: string,
  headers: Record<string, string> = {},
): void {
  const body = Buffer.from(`${text}\n`);
  response.writeHead(status, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': body.length,
    ...headers,
  });
  // Node leaves the body away where the request was a HEAD.
  response.end(body);
}

export async function serveMetrics(
  scrapes: SharedScrapes,
  request: IncomingMessage,
  response: ServerResponse,
  { responseTimeout }: Pick<Limits, 'responseTimeout'>,
): Promise<void> {
  const { headers } = request;
  const names = requestedNames(request.url ?? '');
  const encoding = negotiateEncoding(first(headers['accept-encoding']));
  const timeout = scrapeTimeout(first(headers['x-prometheus-scrape-timeout-seconds']));
  // A metric that hangs is given up while there is time to write the others.
  const deadline = timeout && Math.ceil(timeout * METRIC_SHARE);
  const running = scrapes.scrape(headers.accept, names, encoding, deadline);
  const scrape = await (timeout === undefined ? running : within(running, timeout));
  if (scrape === LATE) {
    answer(response, 503, 'the scrape took longer than X-Prometheus-Scrape-Timeout-Seconds');
    return;
  }
  if (response.destroyed) return;
  limitTime(response, responseTimeout);
  const { contentType, body } = scrape;
  response.writeHead(200, {
    'Content-Type': contentType,
    'Content-Length': body.length,
    Vary: 'Accept, Accept-Encoding',
    ...(scrape.encoding !== 'identity' && { 'Content-Encoding': scrape.encoding }),
  });
  response.end(body);
}

/** Disconnects a reader that does not take the whole of an answer in time. Only the metrics can be that long. */
function limitTime(response: ServerResponse, timeout: number): void {
  if (response.socket === null) {
    // Answers before it on the same connection are still being written.
    response.once('socket', () => limitTime(response, timeout));
    return;
  }
  const timer = setTimeout(() => response.destroy(), timeout).unref();
  response.once('close', () => clearTimeout(timer));
}

function requestedNames(url: string): readonly string[] | undefined {
  const query = url.indexOf('?');
  if (query === -1) return undefined;
  const names = new URLSearchParams(url.slice(query + 1)).getAll('name[]');
  return names.length === 0 ? undefined : names;
}

function first(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

/** In milliseconds; undefined where the header says nothing of use. */
function scrapeTimeout(seconds: string | undefined): number | undefined {
  const timeout = Number(seconds) * 1000;
  return timeout > 0 ? Math.min(timeout, LONGEST_SCRAPE_TIMEOUT) : undefined;
}
