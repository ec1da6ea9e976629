import type { IncomingMessage } from 'node:http';

import { type ProcessStatus, STATUS_FORM } from '../../status/process-status';
import { CommandError } from '../command-line';
import { request, type RequestOptions, withoutSecrets } from '../http-request';
import { METRICS_SERVER } from '../request-failure';
import { describeResponse } from '../scrape-endpoint';
import type { Target } from './target';

const STATUS_PATH = '/-/status';

/**
 * Asks an endpoint for its status.
 *
 * @throws {CommandError} if it does not answer, or another process answers than the one that was asked for.
 */
export async function readStatus(
  { url, pid }: Target,
  options: RequestOptions,
): Promise<{ readonly url: URL; readonly status: ProcessStatus }> {
  let answered: { url: URL; status: ProcessStatus } | null = null;
  for (const each of addressesOf(url)) {
    // oxlint-disable-next-line no-await-in-loop -- the second address is only tried if the first has no status
    const status = await requestStatus(each, options);
    if (status === null) continue;
    answered = { url: each, status };
    break;
  }
  if (answered === null) {
    throw new CommandError(
      `${withoutSecrets(url)} has no status. Pass the address of startMetricsServer, or the one where metricsHandler is mounted; both need this version of thrift-metrics.`,
    );
  }
  const { process } = answered.status;
  if (pid !== null && process.pid !== pid) {
    throw new CommandError(
      `${withoutSecrets(answered.url)}, which process ${pid} has named, is that of process ${process.pid} now. Pass that id, or the URL.`,
    );
  }
  return answered;
}

/** `startMetricsServer` answers at the root. `metricsHandler` answers below the path where it is mounted. */
function addressesOf(url: URL): URL[] {
  const path = url.pathname.replace(/\/+$/, '');
  const paths = path.endsWith(STATUS_PATH) ? [path] : [STATUS_PATH, `${path}${STATUS_PATH}`];
  return [...new Set(paths)].map((each) => {
    const address = new URL(url);
    address.pathname = each;
    return address;
  });
}

/** Returns null if there is no status at the address. */
async function requestStatus(url: URL, options: RequestOptions): Promise<ProcessStatus | null> {
  const { status, text } = await request(url, options, {
    server: METRICS_SERVER,
    accept: 'application/json',
    refuse: (response) => (isAnswer(response) ? null : describeResponse(response)),
  });
  if (status !== 200) return null;
  try {
    const value = JSON.parse(text) as Partial<ProcessStatus> | null;
    return value?.form === STATUS_FORM ? (value as ProcessStatus) : null;
  } catch {
    return null;
  }
}

/** Whether a response is a status, or says that there is none. Other responses are errors. */
function isAnswer({ statusCode }: IncomingMessage): boolean {
  return statusCode === 200 || statusCode === 404;
}
