import type { IncomingMessage, ServerResponse } from 'node:http';

import type { Runtime } from '../runtime/runtime';
import {
  LATE,
  LONGEST_SCRAPE_TIMEOUT,
  METRIC_SHARE,
  within,
  type Limits,
} from '../scrape/deadlines';
import { negotiateFormat } from '../scrape/negotiate';
import { requestedMetrics } from '../scrape/requested-metrics';
import { ThriftMetricsError } from '../validation/errors';
import { negotiateEncoding } from './compression';
import { targetOf } from './request-target';
import { PROTECTION_HEADERS, respondBusy } from './respond';
import { turnOf } from './response-turn';
import type { Scrape } from './shared-render';
import { sharedScrapesOf, type SharedScrapes } from './shared-scrape';

/** Responds with the metrics, or with 503 if they are not ready in time, incomplete, or too many scrapes wait. */
export async function serveMetrics(
  runtime: Runtime,
  request: IncomingMessage,
  response: ServerResponse,
  { responseTimeout }: Pick<Limits, 'responseTimeout'>,
): Promise<void> {
  // From its turn on, a response is closed when its connection is, and gives back its share in a render.
  await turnOf(request, response);
  const { headers } = request;
  const scrapes = sharedScrapesOf(runtime);
  const timeout = scrapeTimeout(headers['x-prometheus-scrape-timeout-seconds']);
  const names = targetOf(request).query.getAll('name[]');
  let requested: readonly string[] | undefined;
  try {
    if (names.length > 0) requested = await requestedMetrics(runtime, names);
  } catch (error) {
    refuseWithoutSum(runtime, response, error);
    return;
  }
  const shared = scrapes.join({
    format: negotiateFormat(headers.accept),
    accept: headers.accept,
    encoding: negotiateEncoding(request),
    names: requested,
    deadline: timeout && metricDeadline(timeout),
  });
  if (shared === null) {
    respondBusy(response, 'too many scrapes are waiting');
    return;
  }
  // The memory of the body is used again once every reader is done with it. A response closes only after the connection has
  // taken all of it.
  response.once('close', () => shared.leave());
  if (response.destroyed) shared.leave();
  try {
    const scrape = await within(shared.scrape, timeout ?? LONGEST_SCRAPE_TIMEOUT);
    if (scrape === LATE) {
      shared.leave();
      respondBusy(response, `the scrape took longer than ${describeTimeout(timeout)}`);
    } else if (!response.destroyed) {
      void disconnectAfter(responseTimeout, response);
      await send(scrapes, request, response, scrape);
    }
  } catch (error) {
    // Without its last reader, a render stops.
    if (response.destroyed) return;
    refuseWithoutSum(runtime, response, error);
    shared.leave();
  }
}

/** Responds with 503 if the answer would have had only a part of the program's metrics. Throws any other error again. */
function refuseWithoutSum(runtime: Runtime, response: ServerResponse, error: unknown): void {
  if (!(error instanceof ThriftMetricsError) || error.code !== 'TM_ERR_NO_SUM') throw error;
  runtime.faults.warnOnce('workers', error);
  respondBusy(response, error.message);
}

/** Writes a body as fast as the reader takes it, so that nothing but the shared body is held for the reader. */
async function send(
  scrapes: SharedScrapes,
  { method }: IncomingMessage,
  response: ServerResponse,
  { contentType, encoding, body }: Scrape,
): Promise<void> {
  response.writeHead(200, {
    ...PROTECTION_HEADERS,
    'Content-Type': contentType,
    'Content-Length': body.length,
    Vary: 'Accept, Accept-Encoding',
    ...(encoding !== 'identity' && { 'Content-Encoding': encoding }),
  });
  if (method === 'HEAD') {
    response.end();
    return;
  }
  const sending = scrapes.beginSending(() => response.destroy());
  response.once('close', () => sending.end());
  for (const chunk of body.content()) {
    // oxlint-disable-next-line no-await-in-loop -- a chunk is written when the one before it was taken
    if (!response.write(chunk)) await nextOf(response, ['drain', 'close']);
    if (response.destroyed) return;
    sending.sent += chunk.length;
  }
  response.end();
}

/** Disconnects a reader that takes longer than `timeout` milliseconds for the metrics. Other responses are short. */
async function disconnectAfter(timeout: number, response: ServerResponse): Promise<void> {
  if ((await within(nextOf(response, ['close']), timeout, false)) === LATE) response.destroy();
}

/**
 * Resolves at the first of these events. Unlike `once` of `node:events`, it does not reject on an error, which also closes
 * the response.
 */
function nextOf(response: ServerResponse, events: readonly ('close' | 'drain')[]): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      for (const event of events) response.off(event, end);
      resolve();
    };
    for (const event of events) response.on(event, end);
  });
}

/** Returns the timeout in milliseconds, or undefined if the header does not have a positive number. */
function scrapeTimeout(seconds: string | string[] | undefined): number | undefined {
  const timeout = Number(seconds) * 1000;
  return timeout > 0 ? Math.min(timeout, LONGEST_SCRAPE_TIMEOUT) : undefined;
}

function describeTimeout(timeout: number | undefined): string {
  return timeout === undefined
    ? `${LONGEST_SCRAPE_TIMEOUT / 1000} seconds`
    : 'X-Prometheus-Scrape-Timeout-Seconds';
}

/**
 * Returns the milliseconds that a user's metric may take, which leaves time to write the other metrics. Rounded, so that
 * readers with similar timeouts share a render.
 */
function metricDeadline(timeout: number): number {
  const unit = timeout >= 1000 ? 1000 : timeout >= 100 ? 100 : 10;
  return Math.ceil(Math.max(unit, Math.floor(timeout / unit) * unit) * METRIC_SHARE);
}
