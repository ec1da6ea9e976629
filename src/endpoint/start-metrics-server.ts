import http from 'node:http';
import type { AddressInfo } from 'node:net';

import { ThriftMetricsError } from '../errors';
import { defaultProcessMetrics } from '../registry/configure';
import { checkOption, checkOptions, isNonEmptyString } from '../validation/options';
import { answer, metricsHandler } from './metrics-handler';

export interface MetricsServerOptions {
  /** 0 takes a free one. 8000. */
  port?: number | undefined;
  /** The address to listen on. All interfaces, since a scraper is usually elsewhere. */
  host?: string | undefined;
  /** Where the metrics are served. `/metrics`. */
  path?: string | undefined;
}

export interface MetricsServer {
  /** The server's address, without a path: `http://localhost:8000`. */
  readonly url: string;
  readonly port: number;
  /** Stops listening, ends open connections, and resolves when all is closed. Calling it again does no harm. */
  close(): Promise<void>;
}

const WHERE = 'startMetricsServer';

/**
 * Serves the metrics over HTTP for Prometheus to scrape, and resolves when it listens. Switches the client library's
 * process metrics on, unless `configureMetrics({ processMetrics })` said otherwise.
 *
 * @throws {ThriftMetricsError} when an option is wrong, the port is in use, or the host cannot be listened on.
 *
 * @example
 * const server = await startMetricsServer({ port: 8000 });
 * console.log(`${server.url}/metrics`);
 */
export async function startMetricsServer(
  options: MetricsServerOptions = {},
): Promise<MetricsServer> {
  checkOptions(WHERE, options, ['port', 'host', 'path']);
  const { port = 8000, host, path = '/metrics' } = options;
  checkOption(WHERE, 'port', port, isPort, 'a whole number from 0 to 65535');
  checkOption(WHERE, 'host', host, isNonEmptyString, 'a host name or an address');
  checkOption(WHERE, 'path', path, isPath, "a path that starts with '/'");
  const serveMetrics = metricsHandler();
  const server = http.createServer((request, response) => {
    const pathname = (request.url ?? '').replace(/\?.*$/, '');
    if (pathname === path) serveMetrics(request, response);
    else
      answer(
        response,
        404,
        'text/plain; charset=utf-8',
        Buffer.from(`the metrics are at ${path}\n`),
      );
  });
  await listen(server, port, host);
  defaultProcessMetrics();
  const { port: actualPort } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;
  return {
    url: `http://${urlHost(host)}:${actualPort}`,
    port: actualPort,
    close: () => (closed ??= close(server)),
  };
}

function listen(server: http.Server, port: number, host: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, port, host)));
    server.listen({ port, host }, resolve);
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

function close(server: http.Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
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
  return typeof value === 'string' && value.startsWith('/');
}
