import type { ServerOptions } from 'node:https';

import { PAGE_PREFIX } from '../tools/page/mount';
import { checkUrlTemplate } from '../tools/url-template';
import { checkOptionTable, isBoolean, mustBe, type OptionTable } from '../validation/checks';
import { checkAuth, type Auth } from './auth';
import { checkTls } from './tls';

/** Options of `startMetricsServer`. */
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
  /**
   * Whether `GET /-/profile`, and a button of the live page, take CPU and heap profiles of the process. Needs `auth`, because
   * profiles show names and files of the program and cost CPU time while they are taken.
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

/** Checks the option `dashboardUrl`. */
export const checkDashboardUrl = checkUrlTemplate(['service', 'method']);

const OPTIONS: OptionTable<MetricsServerOptions> = {
  port: mustBe(isPort, 'a whole number from 0 to 65535'),
  host: mustBe(isHost, 'a host name or an address, without a scheme or a port'),
  path: mustBe(
    isPath,
    "a path that starts with '/', without '?' and '#', not '/healthz' and not below '/-/'",
  ),
  tls: checkTls,
  auth: checkAuth,
  page: mustBe(isBoolean, 'true or false'),
  profile: mustBe(isBoolean, 'true or false'),
  dashboardUrl: checkDashboardUrl,
};

/**
 * Checks the options of a metrics server. `where` begins each message and names the caller.
 *
 * @throws {@link ThriftMetricsError} if an option is unknown, or a value is not valid.
 */
export function checkServerOptions(where: string, options: unknown): void {
  checkOptionTable(where, options, OPTIONS);
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

function isHost(value: unknown): boolean {
  return typeof value === 'string' && /^[^\s/,]+$/.test(value) && !/^[^:]*:\d+$/.test(value);
}
