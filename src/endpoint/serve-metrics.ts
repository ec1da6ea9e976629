import type { IncomingMessage, ServerResponse } from 'node:http';

import {
  LATE,
  LONGEST_SCRAPE_TIMEOUT,
  METRIC_SHARE,
  within,
  type Limits,
} from '../scrape/deadlines';
import { negotiateEncoding } from './compression';
import { respond } from './guarded-request';
import type { SharedScrapes } from './shared-scrape';

/** Responds with the metrics, or with 503 if they are not ready within the timeout of the scraper. */
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
  // Gives up a slow metric while there is still time to write the others.
  const deadline = timeout && Math.ceil(timeout * METRIC_SHARE);
  const running = scrapes.scrape(headers.accept, names, encoding, deadline);
  const scrape = await (timeout === undefined ? running : within(running, timeout));
  if (scrape === LATE) {
    respond(response, 503, 'the scrape took longer than X-Prometheus-Scrape-Timeout-Seconds');
    return;
  }
  if (response.destroyed) return;
  void disconnectAfter(responseTimeout, response);
  const { contentType, body } = scrape;
  response.writeHead(200, {
    'Content-Type': contentType,
    'Content-Length': body.length,
    Vary: 'Accept, Accept-Encoding',
    ...(scrape.encoding !== 'identity' && { 'Content-Encoding': scrape.encoding }),
  });
  response.end(body);
}

/** Disconnects a reader that takes longer than `timeout` milliseconds for the metrics. Other responses are short. */
async function disconnectAfter(timeout: number, response: ServerResponse): Promise<void> {
  // Without a socket, earlier responses on the same connection are still being written.
  if (response.socket === null) await nextEvent(response, 'socket');
  if ((await within(nextEvent(response, 'close'), timeout, false)) === LATE) response.destroy();
}

/** Unlike `once` of `node:events`, it does not reject on an error, which also closes the response. */
function nextEvent(response: ServerResponse, event: 'close' | 'socket'): Promise<void> {
  return new Promise((resolve) => response.once(event, () => resolve()));
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

/** Returns the timeout in milliseconds, or undefined if the header does not have a positive number. */
function scrapeTimeout(seconds: string | undefined): number | undefined {
  const timeout = Number(seconds) * 1000;
  return timeout > 0 ? Math.min(timeout, LONGEST_SCRAPE_TIMEOUT) : undefined;
}
