import { register } from 'prom-client';

import { samplesOf, valueOf } from '../../support/value-of';

/** The metrics of one method of one client. */
export interface ClientCounts {
  requests: number;
  active: number;
  succeeded: number;
  failed: number;
  /** By kind and type, without zeros. */
  errors: Record<string, number>;
}

export async function countsOf(
  name: string,
  method: string,
  service = 'Library',
): Promise<ClientCounts> {
  const samples = (await samplesOf(register)).filter(
    ({ labels }) =>
      labels.thrift_client_name === name &&
      labels.thrift_method === method &&
      labels.thrift_service === service,
  );
  const only = (metric: string, success?: string) => {
    const found = samples.filter(
      (sample) => sample.name === metric && sample.labels.thrift_success === success,
    );
    const [sample] = found;
    if (sample === undefined || found.length > 1) throw new Error(`${found.length} of ${metric}`);
    return sample.value;
  };
  const errors = samples
    .filter((sample) => sample.name === 'thrift_client_errors_total' && sample.value !== 0)
    .map(({ labels, value }) => [
      `${labels.thrift_exception_kind} ${labels.thrift_exception_type}`,
      value,
    ]);
  return {
    requests: only('thrift_client_requests_total'),
    active: only('thrift_client_active_requests'),
    succeeded: only('thrift_client_latency_seconds_count', 'true'),
    failed: only('thrift_client_latency_seconds_count', 'false'),
    errors: Object.fromEntries(errors) as Record<string, number>,
  };
}

export const SUCCEEDED: ClientCounts = {
  requests: 1,
  active: 0,
  succeeded: 1,
  failed: 0,
  errors: {},
};

export const ACTIVE: ClientCounts = { requests: 1, active: 1, succeeded: 0, failed: 0, errors: {} };

/** The counts of one failed call. `error` is `kind type`, as in `declared Refused`. */
export function failedWith(error: string): ClientCounts {
  return { requests: 1, active: 0, succeeded: 0, failed: 1, errors: { [error]: 1 } };
}

export const queueOf = (name: string): Promise<number | undefined> =>
  valueOf(register, 'thrift_client_offline_queue_length', { thrift_client_name: name });

export const reconnectsOf = (name: string): Promise<number | undefined> =>
  valueOf(register, 'thrift_client_reconnects_total', { thrift_client_name: name });

export const lateRepliesOf = (name: string, method: string): Promise<number | undefined> =>
  valueOf(register, 'thrift_client_late_replies_total', {
    thrift_client_name: name,
    thrift_method: method,
  });
