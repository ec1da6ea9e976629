import http = require('node:http');
import type { Server as TlsServer, ServerOptions } from 'node:https';

import { currentRuntime, definePart, type Runtime } from '../runtime/runtime';
import { LIMITS, type Limits } from '../scrape/deadlines';
import { LivePage } from '../tools/page/live-page';
import type { PageReader } from '../tools/page/method-detail';
import { pageAtRoot } from '../tools/page/mount';
import type { EndpointStatus } from '../tools/status/process-status';
import { servedEndpointsOf } from '../tools/status/served-endpoints';
import { authKind, createGuard } from './auth';
import { AutomaticServer, type OpenServer } from './automatic-server';
import { answerClientErrors, lacksHost } from './client-errors';
import { ConnectionLimit } from './connection-limit';
import { descriptionsOf } from './descriptions';
import { guarded } from './guarded-request';
import { ListeningServer, serverUrl } from './http-server';
import { takesProfiles } from './profile-access';
import { targetOf } from './request-target';
import { respond, respondBusy } from './respond';
import { revealsDetails } from './reveals-details';
import { callsEndpointOf } from './serve-calls';
import { serveMetrics } from './serve-metrics';
import { servePage } from './serve-page';
import { PROFILE_PATH, serveProfile } from './serve-profile';
import { serverDefaultsOf, withServerDefaults } from './server-defaults';
import { checkServerOptions, type MetricsServerOptions } from './server-options';
import { serveSignIn } from './sign-in';
import { createTlsServer } from './tls';

/** A running metrics server. */
export interface MetricsServer {
  /** Address of the server without a path, such as `http://localhost:8000`. */
  readonly url: string;
  /** The port that the server listens on. */
  readonly port: number;
  /** Stops listening, ends open connections, and resolves when everything is closed. Can be called again. */
  close(): Promise<void>;
  /** Lets the process end while the server runs. Returns the server. */
  unref(): MetricsServer;
}

const WHERE = 'startMetricsServer';

/**
 * Serves the metrics over HTTP for Prometheus to scrape. Resolves when the server listens. Adds the process metrics of the
 * client library, unless `configureMetrics({ processMetrics })` has decided about them.
 *
 * @throws {@link ThriftMetricsError} if an option is wrong, `profile` is set without `auth`, the port is in use, or the server
 * cannot listen on the host.
 *
 * @example
 * ```ts
 * const server = await startMetricsServer({ port: 8000 });
 * console.log(`${server.url}/metrics`);
 * ```
 */
export async function startMetricsServer(
  options: MetricsServerOptions = {},
): Promise<MetricsServer> {
  const runtime = currentRuntime();
  await automaticServerOf(runtime).claim();
  return startServer(runtime, options, LIMITS);
}

export const automaticServerOf = definePart(
  'endpoint.automatic',
  (runtime) =>
    new AutomaticServer(runtime, (port) => openServer(runtime, { port }, LIMITS, 'auto')),
);
// Created when the package is loaded, because a worker may ask this process to serve the metrics.
automaticServerOf(currentRuntime());

/** Serves the metrics on the configured port from the first use of Thrift, unless the program serves them itself. */
export function prepareAutomaticServer(): void {
  const runtime = currentRuntime();
  automaticServerOf(runtime).prepare(serverDefaultsOf(runtime).options.port ?? 8000);
}

/** Starts a metrics server with other limits, for tests that do not wait for the real ones. */
export async function startServer(
  runtime: Runtime,
  options: MetricsServerOptions,
  limits: Limits,
): Promise<MetricsServer> {
  return (await openServer(runtime, options, limits, WHERE)).handle;
}

/** A cluster worker under `auto` listens without its primary, on a port that no other worker has. */
async function openServer(
  runtime: Runtime,
  options: MetricsServerOptions,
  limits: Limits,
  startedBy: 'auto' | typeof WHERE,
): Promise<OpenServer<MetricsServer>> {
  checkServerOptions(WHERE, options);
  const merged = withServerDefaults(runtime, options);
  const {
    port: wantedPort = 8000,
    host,
    path = '/metrics',
    tls,
    auth,
    page = true,
    dashboardUrl = null,
  } = merged;
  const hasProfiles = takesProfiles(WHERE, runtime, merged, options);
  const guard = createGuard(auth);
  let livePage: LivePage | null = null;
  const server = createServer(tls, limits, (request, response) => {
    const { pathname, query } = targetOf(request);
    if (connections.refuses(request.socket)) {
      respondBusy(response, 'too many connections are open', { Connection: 'close' });
    } else if (lacksHost(request)) {
      respond(response, 400, 'a Host header is needed', { Connection: 'close' });
    } else if (pathname === '/healthz') respond(response, 200, 'ok');
    else {
      const serve = (): void | Promise<void> => {
        if (pathname === path) return serveMetrics(runtime, request, response, limits);
        if (descriptionsOf(runtime).serve(pathname, response)) return undefined;
        const calls = callsEndpointOf(runtime).serve(pathname, query, request, response, auth);
        if (calls !== null) return calls;
        if (pathname === PROFILE_PATH) {
          return serveProfile(runtime, hasProfiles, request, response, query);
        }
        const asset = livePage?.answer(pathname, query, readerOf(request)) ?? null;
        if (asset !== null) return servePage(request, response, asset);
        respond(response, 404, `the metrics are at ${path}`);
        return undefined;
      };
      const refuse = (): Promise<boolean> =>
        serveSignIn(
          guard,
          request,
          response,
          livePage?.answerWithoutFigures(pathname, hasProfiles) ?? null,
        );
      void guarded(runtime.faults, guard, request, response, limits, serve, refuse);
    }
  });
  const readerOf = (request: http.IncomingMessage): PageReader => ({
    seesDetails: revealsDetails(auth, request),
    dashboardUrl,
    hasProfiles,
  });
  const connections = new ConnectionLimit(server, tls !== undefined);
  const address = { port: wantedPort, host, exclusive: startedBy === 'auto' };
  const listening = await ListeningServer.listen(WHERE, server, runtime.faults, address);
  runtime.registry.addDefaultProcessMetrics();
  // If the metrics are at `/`, the page has no path.
  if (page && path !== '/') livePage = new LivePage(runtime, pageAtRoot(path));
  const port = listening.port();
  const url = serverUrl(tls !== undefined, host, port);
  const isTls = tls !== undefined;
  const endpoint: EndpointStatus = {
    startedBy,
    url,
    path,
    tls: isTls,
    auth: authKind(auth),
    page: livePage !== null,
    profile: hasProfiles,
  };
  const removeEndpoint = servedEndpointsOf(runtime).add(endpoint);
  const handle: MetricsServer = {
    url,
    port,
    close: () => {
      removeEndpoint();
      livePage?.close();
      return listening.close();
    },
    unref: () => {
      listening.unref();
      return handle;
    },
  };
  return { handle, server };
}

function createServer(
  tls: ServerOptions | undefined,
  limits: Limits,
  listener: http.RequestListener,
): http.Server | TlsServer {
  const server =
    tls === undefined
      ? http.createServer({ ...limits, requireHostHeader: false }, listener)
      : createTlsServer(WHERE, tls, limits, listener);
  answerClientErrors(server);
  server.setTimeout(limits.idleTimeout, (socket) => socket.destroy());
  return server;
}
