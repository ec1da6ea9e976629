import http = require('node:http');
import https = require('node:https');
import type { ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';

import type { FaultSink } from '../recording/call-labels';
import { definePart, currentRuntime, type Runtime } from '../runtime/runtime';
import { LIMITS, type Limits } from '../scrape/deadlines';
import { LivePage, PAGE_PREFIX } from '../tools/page/live-page';
import { ThriftMetricsError } from '../validation/errors';
import { checkOption, checkOptions, isBoolean, isNonEmptyString } from '../validation/checks';
import { type Auth, checkTls, createGuard } from './auth';
import { answer, guarded, serveMetrics } from './metrics-handler';
import { servePage } from './serve-page';
import { SharedScrapes } from './shared-scrape';

export interface MetricsServerOptions {
  /** 0 takes a free one. 8000. */
  port?: number | undefined;
  /** The address to listen on. All interfaces, since a scraper is usually elsewhere. */
  host?: string | undefined;
  /** Where the metrics are served; not below `/-/`, where the page's files are. `/metrics`. */
  path?: string | undefined;
  /**
   * Serves HTTPS: `cert` and `key`, or what else `https.createServer` takes. With `ca`, clients must show a certificate.
   * A key that is there has to have a value.
   */
  tls?: ServerOptions | undefined;
  /** Who may read metrics and page; `/healthz` answers everybody. Everybody. */
  auth?: Auth | undefined;
  /** Whether `GET /` answers with the live page, for which the last 15 minutes are kept in memory. `true`. */
  page?: boolean | undefined;
}

export interface MetricsServer {
  /** The server's address, without a path: `http://localhost:8000`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening, ends open connections, and resolves when all is closed. Calling it again does no harm. */
  close(): Promise<void>;
}

const WHERE = 'startMetricsServer';

const OPTIONS: readonly (keyof MetricsServerOptions)[] = [
  'port',
  'host',
  'path',
  'tls',
  'auth',
  'page',
];

/**
 * Serves the metrics over HTTP for Prometheus to scrape, and resolves when it listens. Switches the client library's
 * process metrics on, unless `configureMetrics({ processMetrics })` said otherwise.
 *
 * @throws {@link ThriftMetricsError} when an option is wrong, the port is in use, or the host cannot be listened on.
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

/** The metrics server of `thrift-metrics/auto`. It keeps no program alive, and yields to one that the program starts. */
class AutomaticServer {
  private starting: ReturnType<typeof openServer> | null = null;
  private wasStarted = false;

  constructor(private readonly runtime: Runtime) {}

  /** Resolves with null if another copy of this package has started the server. */
  async start(port: number): Promise<MetricsServer | null> {
    if (this.wasStarted) return null;
    this.wasStarted = true;
    const starting = openServer(this.runtime, { port }, LIMITS);
    this.starting = starting;
    const { server, handle } = await starting;
    server.unref();
    // A scraper keeps its connection open between its requests.
    server.on('connection', (socket: Socket) => void socket.unref());
    return handle;
  }

  async close(): Promise<void> {
    const { starting } = this;
    this.starting = null;
    // A server that could not start needs no closing.
    const opened = await starting?.catch(() => null);
    await opened?.handle.close();
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
  return (await openServer(runtime, options, limits)).handle;
}

async function openServer(
  runtime: Runtime,
  options: MetricsServerOptions,
  limits: Limits,
): Promise<{ readonly server: http.Server | https.Server; readonly handle: MetricsServer }> {
  checkOptions(WHERE, options, OPTIONS);
  const { port = 8000, host, path = '/metrics', tls, auth, page = true } = options;
  checkOption(WHERE, 'port', port, isPort, 'a whole number from 0 to 65535');
  checkOption(WHERE, 'host', host, isNonEmptyString, 'a host name or an address');
  checkOption(
    WHERE,
    'path',
    path,
    isPath,
    "a path that starts with '/', without '?' and '#', not '/healthz' and not below '/-/'",
  );
  checkOption(WHERE, 'page', page, isBoolean, 'true or false');
  const guard = createGuard(WHERE, auth);
  const scrapes = new SharedScrapes(runtime);
  let livePage: LivePage | null = null;
  const server = createServer(tls, limits, (request, response) => {
    const pathname = (request.url ?? '').replace(/\?.*$/s, '');
    if (pathname === '/healthz') answer(response, 200, 'ok');
    else {
      void guarded(runtime.faults, guard, request, response, () => {
        if (pathname === path) return serveMetrics(scrapes, request, response, limits);
        const asset = livePage?.answer(pathname, queryOf(request)) ?? null;
        if (asset !== null) return servePage(request, response, asset);
        answer(response, 404, `the metrics are at ${path}`);
        return undefined;
      });
    }
  });
  const sockets = socketsOf(server);
  await listen(runtime.faults, server, port, host);
  runtime.registry.addDefaultProcessMetrics();
  // Where the metrics are at `/`, there is no place for a page.
  if (page && path !== '/') livePage = new LivePage(runtime, path);
  const { port: actualPort } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  const handle = {
    url: `${tls === undefined ? 'http' : 'https'}://${urlHost(host)}:${actualPort}`,
    port: actualPort,
    close: () => {
      livePage?.close();
      return (closed ??= close(server, sockets));
    },
  };
  return { server, handle };
}

function createServer(
  tls: ServerOptions | undefined,
  limits: Limits,
  listener: http.RequestListener,
): http.Server | https.Server {
  let server: http.Server | https.Server;
  if (tls === undefined) server = http.createServer(limits, listener);
  else {
    checkTls(WHERE, tls);
    try {
      // Node's own default would take the authorities and ask nobody for a certificate.
      const requestCert = tls.ca !== undefined;
      server = https.createServer({ ...limits, requestCert, ...tls }, listener);
    } catch (error) {
      throw new ThriftMetricsError(
        'TM_ERR_TLS',
        `${WHERE}: certificate or key cannot be used: ${(error as Error).message}`,
        { cause: error },
      );
    }
  }
  server.setTimeout(limits.idleTimeout, (socket) => socket.destroy());
  return server;
}

function queryOf({ url = '' }: http.IncomingMessage): URLSearchParams {
  const begin = url.indexOf('?');
  return new URLSearchParams(begin === -1 ? '' : url.slice(begin + 1));
}

function listen(
  faults: FaultSink,
  server: http.Server | https.Server,
  port: number,
  host: string | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException): void => reject(listenError(error, port, host));
    server.once('error', fail);
    server.listen({ port, host }, () => {
      server.off('error', fail);
      // What a connection does wrong must not end the program.
      server.on('error', (error) => faults.report('endpoint', error));
      resolve();
    });
  });
}

function listenError(
  error: NodeJS.ErrnoException,
  port: number,
  host: string | undefined,
): ThriftMetricsError {
  const address = `port ${port}${host === undefined ? '' : ` of ${host}`}`;
  return error.code === 'EADDRINUSE'
    ? new ThriftMetricsError(
        'TM_ERR_PORT_IN_USE',
        `${WHERE}: ${address} is in use; stop what listens there, or give another port (0 takes a free one)`,
        { cause: error },
      )
    : new ThriftMetricsError(
        'TM_ERR_LISTEN',
        `${WHERE}: cannot listen on ${address}: ${error.message}`,
        {
          cause: error,
        },
      );
}

/** All open connections: an HTTPS server knows nothing of those that are yet to finish their handshake. */
function socketsOf(server: http.Server | https.Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

function close(server: http.Server | https.Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}

function urlHost(host: string | undefined): string {
  if (host === undefined || host === '0.0.0.0' || host === '::') return 'localhost';
  return host.includes(':') ? `[${host}]` : host;
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
