import { register } from 'prom-client';

import { samplesOf } from '../support/value-of';

/** The values of the four metrics of one method. */
export interface Counts {
  requests: number;
  succeeded: number;
  failed: number;
  /** By kind and type, without zeros. */
  errors: Record<string, number>;
  inFlight: number;
}

export async function countsOf(method: string, service = 'Library'): Promise<Counts> {
  const samples = (await samplesOf(register)).filter(
    ({ labels }) => labels.thrift_service === service && labels.thrift_method === method,
  );
  const of = (name: string) => samples.filter((sample) => sample.name === name);
  const only = (name: string, success?: string) => {
    const [found, ...others] = of(name).filter(({ labels }) => labels.thrift_success === success);
    if (found === undefined || others.length > 0) throw new Error(`no one series of ${name}`);
    return found.value;
  };
  return {
    requests: only('thrift_server_requests_total'),
    succeeded: only('thrift_server_latency_seconds_count', 'true'),
    failed: only('thrift_server_latency_seconds_count', 'false'),
    errors: Object.fromEntries(
      Object.entries(await errorsOf(method, service)).filter(([, value]) => value !== 0),
    ),
    inFlight: only('thrift_server_active_requests'),
  };
}

/** A call that did not reach the handler. */
export const NONE: Counts = { requests: 0, succeeded: 0, failed: 0, errors: {}, inFlight: 0 };

export const SUCCEEDED: Counts = { requests: 1, succeeded: 1, failed: 0, errors: {}, inFlight: 0 };

/** A failed call. `error` is the kind and type of its error, such as `declared Refused`. */
export function failedWith(error: string): Counts {
  return { requests: 1, succeeded: 0, failed: 1, errors: { [error]: 1 }, inFlight: 0 };
}

/** A call that reached the handler and never ended. */
export const UNENDED: Counts = { requests: 1, succeeded: 0, failed: 0, errors: {}, inFlight: 1 };

/** All series of the error counter, by kind and type, such as `declared Refused`. */
export async function errorsOf(method: string, service: string): Promise<Record<string, number>> {
  return Object.fromEntries(
    (await samplesOf(register))
      .filter(
        ({ name, labels }) =>
          name === 'thrift_server_errors_total' &&
          labels.thrift_service === service &&
          labels.thrift_method === method,
      )
      .map(({ labels, value }) => [
        `${labels.thrift_exception_kind} ${labels.thrift_exception_type}`,
        value,
      ]),
  );
}
