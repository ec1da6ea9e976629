import type { IncomingMessage, ServerResponse } from 'node:http';

import { currentRuntime, definePart } from '../runtime/runtime';
import { LIMITS, type Limits } from '../scrape/deadlines';
import { LivePage } from '../tools/page/live-page';
import { pageBelowMetrics } from '../tools/page/mount';
import { servedEndpointsOf } from '../tools/status/served-endpoints';
import { checkOptionTable, isBoolean, mustBe, type OptionTable } from '../validation/checks';
import { authKind, checkAuth, createGuard, type Auth } from './auth';
import { descriptionsOf } from './descriptions';
import { guarded } from './guarded-request';
import { automaticServerOf } from './metrics-server';
import { takesProfiles } from './profile-access';
import { targetOf } from './request-target';
import { respond } from './respond';
import { revealsDetails } from './reveals-details';
import { callsEndpointOf } from './serve-calls';
import { serveMetrics } from './serve-metrics';
import { servePage } from './serve-page';
import { PROFILE_PATH, serveProfile } from './serve-profile';
import { checkDashboardUrl } from './server-options';
import { serveSignIn } from './sign-in';

/** Options of {@link metricsHandler}. */
export interface MetricsHandlerOptions {
  /**
   * Who can read the metrics.
   *
   * @default everyone
   */
  auth?: Auth | undefined;
  /**
   * Whether the live page is at `/-/` below the metrics, such as `/metrics/-/`. It keeps the last 15 minutes in memory.
   *
   * @default true
   */
  page?: boolean | undefined;
  /**
   * Whether `GET` of `/-/profile` below the metrics, and a button of the live page, take CPU and heap profiles of the process.
   * Needs `auth`, because profiles show names and files of the program and cost CPU time while they are taken.
   *
   * @default false
   */
  profile?: boolean | undefined;
  /**
   * Address of a Grafana dashboard, to which the live page links with the open method and the time window. The placeholders
   * `{service}` and `{method}` stand for their names; without them, the link sets the variables of the generated dashboard.
   *
   * @default no link
   */
  dashboardUrl?: string | undefined;
}

/** A request listener, as `node:http`, Express and other frameworks accept it. */
export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => void;

const WHERE = 'metricsHandler';

const OPTIONS: OptionTable<MetricsHandlerOptions> = {
  auth: checkAuth,
  page: mustBe(isBoolean, 'true or false'),
  profile: mustBe(isBoolean, 'true or false'),
  dashboardUrl: checkDashboardUrl,
};

/** The page of all handlers of the process. It records from the first one on, and never ends, as handlers do not either. */
const handlerPageOf = definePart(
  'endpoint.handler-page',
  (runtime) => new LivePage(runtime, pageBelowMetrics()),
);

/**
 * Creates a handler that answers requests with the metrics, and those below `/-/` with the live page, and with the status
 * that `thrift-metrics doctor` reads. Mount it in an existing HTTP application, at the path that Prometheus scrapes, and for
 * the page also below that path.
 *
 * It answers GET and HEAD. The Accept header chooses the format, Accept-Encoding gzip or brotli, and `name[]` parameters
 * restrict the response to the metrics with these names. A render that takes longer than
 * `X-Prometheus-Scrape-Timeout-Seconds` is answered with 503. A reader that has not read all of the metrics after two
 * minutes is disconnected.
 *
 * @throws {@link ThriftMetricsError} if an option is wrong, or `profile` is set without `auth`.
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
  const hasProfiles = takesProfiles(WHERE, runtime, options, options);
  const page = options.page === false ? null : handlerPageOf(runtime);
  servedEndpointsOf(runtime).addHandler({
    auth: authKind(options.auth),
    page: page !== null,
    profile: hasProfiles,
  });
  return (request, response) => {
    const { pathname, query } = targetOf(request);
    const serve = (): void | Promise<void> => {
      // Without the path where the handler is mounted, which it does not know.
      const path = pathname.slice(Math.max(0, pathname.lastIndexOf('/-/')));
      if (descriptionsOf(runtime).serve(path, response)) return undefined;
      const calls = callsEndpointOf(runtime).serve(path, query, request, response, options.auth);
      if (calls !== null) return calls;
      if (path === PROFILE_PATH) {
        return serveProfile(runtime, hasProfiles, request, response, query);
      }
      if (page === null || !page.isAt(pathname)) {
        return serveMetrics(runtime, request, response, limits);
      }
      const reader = {
        seesDetails: revealsDetails(options.auth, request),
        dashboardUrl: options.dashboardUrl ?? null,
        hasProfiles,
      };
      const asset = page.answer(pathname, query, reader);
      if (asset !== null) return servePage(request, response, asset);
      respond(response, 404, 'the live page has nothing here');
      return undefined;
    };
    const refuse = (): Promise<boolean> =>
      serveSignIn(
        guard,
        request,
        response,
        page?.answerWithoutFigures(pathname, hasProfiles) ?? null,
      );
    void guarded(runtime.faults, guard, request, response, limits, serve, refuse);
  };
}
