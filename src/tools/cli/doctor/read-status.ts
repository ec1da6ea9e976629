import { type ProcessStatus, STATUS_FORM } from '../../status/process-status';
import { CommandError } from '../command-line';
import { type RequestOptions, withoutSecrets } from '../http-request';
import { readDescription } from '../read-description';
import type { Target } from './target';

/**
 * Asks an endpoint for its status.
 *
 * @throws {CommandError} if it does not answer, or another process answers than the one that was asked for.
 */
export async function readStatus(
  { url, pid }: Target,
  options: RequestOptions,
): Promise<{ readonly url: URL; readonly status: ProcessStatus }> {
  const answered = await readDescription(url, '/-/status', options, (answer) => {
    const value = answer as Partial<ProcessStatus> | null;
    return value?.form === STATUS_FORM ? (value as ProcessStatus) : null;
  });
  if (answered === null) {
    throw new CommandError(
      `${withoutSecrets(url)} has no status. Pass the address of startMetricsServer, or the one where metricsHandler is mounted; both need this version of thrift-metrics.`,
    );
  }
  const { url: address, value: status } = answered;
  if (pid !== null && status.process.pid !== pid) {
    throw new CommandError(
      `Process ${status.process.pid} answers at ${withoutSecrets(address)}, where process ${pid} served its status earlier. Pass the id of the process that answers, or the URL.`,
    );
  }
  return { url: address, status };
}
