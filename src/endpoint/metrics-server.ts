import http = require('node:http');
import type { Server as TlsServer, ServerOptions } from 'node:https';

import { currentRuntime, definePart, type Runtime } from '../runtime/runtime';
import { LIMITS, type Limits } from '../scrape/deadlines';
import { LivePage } from '../tools/page/live-page';
import { PAGE_PREFIX, pageAtRoot } from '../tools/page/mount';
import {
  checkOptionTable,
  isBoolean,
  isNonEmptyString,
  mustBe,
  type OptionTable,
} from '../validation/checks';
import { checkAuth, createGuard, type Auth } from './auth';
import { answerClientErrors, lacksHost } from './client-errors';
import { ConnectionLimit } from './connection-limit';
import { guarded } from './guarded-request';
import { ListeningServer, serverUrl } from './http-server';
import { targetOf } from './request-target';
import { respond, respondBusy } from './respond';
import { serveMetrics } from './serve-metrics';
import { servePage } from './serve-page';
import { serveSignIn } from './sign-in';
import { checkTls, createTlsServer } from './tls';

/** Options of {@link startMetricsServer}. */
export interface MetricsServerOptions {
  /**
   * Port to listen on; `0` picks a free one.
   *
   * @default 8000
   */
  port?: number | undefined;
  /**
   * Host name or address to listen on.
   *
   * @default all interfaces, because a scraper usually runs on another machine
   */
  host?: string | undefined;
  /**
   * Path of the metrics. It cannot be `/healthz`, or below `/-/`, where the files of the live page are.
   *
   * @default '/metrics'
   */
  path?: string | undefined;
  /**
   * Serves HTTPS with these options of `https.createServer`, such as `cert` and `key`. With `ca`, clients must present a
   * certificate. An option that is present must have a value.
   *
   * @default plain HTTP
   */
  tls?: ServerOptions | undefined;
  /**
   * Who can read the metrics and the live page. `/healthz` answers everyone.
   *
   * @default everyone
   */
  auth?: Auth | undefined;
  /**
   * Whether `GET /` answers with the live page, which keeps the last 15 minutes in memory.
   *
   * @default true
   */
  page?: boolean | undefined;
}

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

const OPTIONS: OptionTable<MetricsServerOptions> = {
  port: mustBe(isPort, 'a whole number from 0 to 65535'),
  host: mustBe(isNonEmptyString, 'a host name or an address'),
  path: mustBe(
    isPath,
    "a path that starts with '/', without '?' and '#', not '/healthz' and not below '/-/'",
  ),
  tls: checkTls,
  auth: checkAuth,
  page: mustBe(isBoolean, 'true or false'),
};

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
  async start(port: number): Promise<MetricsServer | null> {
    if (this.wasStarted) return null;
    this.wasStarted = true;
    const starting = startServer(this.runtime, { port }, LIMITS);
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
export function startAutomaticServer(port: number): Promise<MetricsServer | null> {
  return automaticServerOf(currentRuntime()).start(port);
}

/** Starts a metrics server with other limits, for tests that do not wait for the real ones. */
export async function startServer(
  runtime: Runtime,
  options: MetricsServerOptions,
  limits: Limits,
): Promise<MetricsServer> {
  checkOptionTable(WHERE, options, OPTIONS);
  const { port: wantedPort = 8000, host, path = '/metrics', tls, auth, page = true } = options;
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
        const asset = livePage?.answer(pathname, query) ?? null;
        if (asset !== null) return servePage(request, response, asset);
        respond(response, 404, `the metrics are at ${path}`);
        return undefined;
      };
      const refuse = (): Promise<boolean> =>
        serveSignIn(guard, request, response, livePage?.answerWithoutFigures(pathname) ?? null);
      void guarded(runtime.faults, guard, request, response, limits, serve, refuse);
    }
  });
  const connections = new ConnectionLimit(server, tls !== undefined);
  const listening = await ListeningServer.listen(WHERE, server, runtime.faults, wantedPort, host);
  runtime.registry.addDefaultProcessMetrics();
  // If the metrics are at `/`, the page has no path.
  if (page && path !== '/') livePage = new LivePage(runtime, pageAtRoot(path));
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

function isPort(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 65_535;
}

function isPath(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^\/[^?#]*$/.test(value) &&
    value !== '/healthz' &&
    !value.startsWith(PAGE_PREFIX)
  );
}
