import http = require('node:http');
import type { Server as TlsServer, ServerOptions } from 'node:https';

import { currentRuntime, definePart, type Runtime } from '../runtime/runtime';
import { LIMITS, type Limits } from '../scrape/deadlines';
import { BUSY, LivePage } from '../tools/page/live-page';
import { createGuard } from './auth';
import { answerClientErrors, lacksHost } from './client-errors';
import { ConnectionLimit } from './connection-limit';
import { guarded } from './guarded-request';
import { ListeningServer, serverUrl } from './http-server';
import { targetOf } from './request-target';
import { DECLARATION_PATH, serveDeclaration } from './serve-declaration';
import { respond, respondBusy } from './respond';
import { serveMetrics } from './serve-metrics';
import { servePage } from './serve-page';
import { withServerDefaults } from './server-defaults';
import { checkServerOptions, type MetricsServerOptions } from './server-options';
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
 * @throws {@link ThriftMetricsError} if an option is wrong, the port is in use, or the server cannot listen on the host.
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
  await automaticServerOf(runtime).close();
  return startServer(runtime, options, LIMITS);
}

/**
 * The metrics server of `thrift-metrics/auto`. It does not keep the program alive, and closes when the program starts a
 * metrics server itself.
 */
class AutomaticServer {
  private starting: Promise<MetricsServer> | null = null;
  private wasStarted = false;

  constructor(private readonly runtime: Runtime) {}

  /** Resolves with null if another copy of this package has started the server. */
  async start(): Promise<MetricsServer | null> {
    if (this.wasStarted) return null;
    this.wasStarted = true;
    const starting = startServer(this.runtime, {}, LIMITS);
    this.starting = starting;
    return (await starting).unref();
  }

  async close(): Promise<void> {
    const { starting } = this;
    this.starting = null;
    // A server that failed to start does not need to be closed.
    const opened = await starting?.catch(() => null);
    await opened?.close();
  }
}

const automaticServerOf = definePart(
  'endpoint.automatic',
  (runtime) => new AutomaticServer(runtime),
);

/** Starts the metrics server of `thrift-metrics/auto`, or resolves with null if another copy has started it. */
export function startAutomaticServer(): Promise<MetricsServer | null> {
  return automaticServerOf(currentRuntime()).start();
}

/** Starts a metrics server with other limits, for tests that do not wait for the real ones. */
export async function startServer(
  runtime: Runtime,
  options: MetricsServerOptions,
  limits: Limits,
): Promise<MetricsServer> {
  checkServerOptions(WHERE, options);
  const {
    port: wantedPort = 8000,
    host,
    path = '/metrics',
    tls,
    auth,
    page = true,
  } = withServerDefaults(runtime, options);
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
      void guarded(runtime.faults, guard, request, response, limits, () => {
        if (pathname === path) return serveMetrics(runtime, request, response, limits);
        if (pathname === DECLARATION_PATH) return serveDeclaration(runtime, response);
        const asset = livePage?.answer(pathname, query) ?? null;
        if (asset === BUSY) {
          respondBusy(response, 'the live page computes too many different answers');
          return undefined;
        }
        if (asset !== null) return servePage(request, response, asset);
        respond(response, 404, `the metrics are at ${path}`);
        return undefined;
      });
    }
  });
  const connections = new ConnectionLimit(server, tls !== undefined);
  const listening = await ListeningServer.listen(WHERE, server, runtime.faults, wantedPort, host);
  runtime.registry.addDefaultProcessMetrics();
  // If the metrics are at `/`, the page has no path.
  if (page && path !== '/') livePage = new LivePage(runtime, path);
  const port = listening.port();
  const handle: MetricsServer = {
    url: serverUrl(tls !== undefined, host, port),
    port,
    close: () => {
      livePage?.close();
      return listening.close();
    },
    unref: () => {
      listening.unref();
      return handle;
    },
  };
  return handle;
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
