import type { IncomingMessage, ServerResponse } from 'node:http';

import { currentRuntime } from '../runtime/runtime';
import { LIMITS, type Limits } from '../scrape/deadlines';
import { checkOptionTable, type OptionTable } from '../validation/checks';
import { servedEndpointsOf } from '../tools/status/served-endpoints';
import { authKind, checkAuth, createGuard, type Auth } from './auth';
import { guarded } from './guarded-request';
import { automaticServerOf } from './metrics-server';
import { targetOf } from './request-target';
import { serveMetrics } from './serve-metrics';
import { serveStatus, STATUS_PATH } from './serve-status';

/** Options of {@link metricsHandler}. */
export interface MetricsHandlerOptions {
  /**
   * Who can read the metrics.
   *
   * @default everyone
   */
  auth?: Auth | undefined;
}

/** A request listener, as `node:http`, Express and other frameworks accept it. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

const WHERE = 'metricsHandler';

const OPTIONS: OptionTable<MetricsHandlerOptions> = { auth: checkAuth };

/**
 * Creates a handler that answers every request with the metrics, except those whose paths end in `/-/status`, which it
 * answers with the status that `thrift-metrics doctor` reads. Mount it in an existing HTTP application, at the path
 * that Prometheus scrapes.
 *
 * It answers GET and HEAD. The Accept header chooses the format, Accept-Encoding gzip or brotli, and `name[]` parameters
 * restrict the response to the metrics with these names. A render that takes longer than
 * `X-Prometheus-Scrape-Timeout-Seconds` is answered with 503. A reader that has not read all of the metrics after two
 * minutes is disconnected.
 *
 * @throws {@link ThriftMetricsError} if an option is wrong.
 *
 * @example
 * ```ts
 * http.createServer(metricsHandler()).listen(8000);
 * ```
 */
export function metricsHandler(options: MetricsHandlerOptions = {}): RequestHandler {
  void automaticServerOf(currentRuntime()).claim();
  return createHandler(options, LIMITS);
}

/** Creates the handler with other limits, for tests that do not wait for the real ones. */
export function createHandler(
  options: MetricsHandlerOptions,
  limits: Pick<Limits, 'authTimeout' | 'responseTimeout'>,
): RequestHandler {
  checkOptionTable(WHERE, options, OPTIONS);
  const guard = createGuard(options.auth);
  const runtime = currentRuntime();
  servedEndpointsOf(runtime).addHandler(authKind(options.auth));
  return (request, response) => {
    void guarded(runtime.faults, guard, request, response, limits, () =>
      targetOf(request).pathname.endsWith(STATUS_PATH)
        ? serveStatus(runtime, response)
        : serveMetrics(runtime, request, response, limits),
    );
  };
}
