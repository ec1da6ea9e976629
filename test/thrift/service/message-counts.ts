import { register } from 'prom-client';
import { expect } from 'vitest';

import { samplesOf } from '../../support/value-of';

/** The metrics of the processor for one method. Timers are given by the number of their readings. */
export interface Counts {
  /** By type and reply, such as `call reply`, without zeros. */
  messages: Record<string, number>;
  active: number;
  requestSize: number;
  requests: number;
  decodes: number;
  responseSize: number;
  responses: number;
  writes: number;
  /** By reason, without zeros. */
  lost: Record<string, number>;
}

type Samples = Awaited<ReturnType<typeof samplesOf>>;

export async function countsOf(method: string, service = 'Library'): Promise<Counts> {
  return countsIn(await samplesOf(register), method, service);
}

export function countsIn(samples: Samples, method: string, service = 'Library'): Counts {
  const own = samples.filter(
    ({ labels }) => labels.thrift_service === service && labels.thrift_method === method,
  );
  const all = (name: string) => own.filter((sample) => sample.name === `thrift_server_${name}`);
  const only = (name: string): number => {
    const [found, ...others] = all(name);
    if (found === undefined || others.length > 0) throw new Error(`no one series of ${name}`);
    return found.value;
  };
  const some = (name: string): number => all(name)[0]?.value ?? 0;
  const counted = (name: string, ...labels: string[]): Record<string, number> =>
    Object.fromEntries(
      all(name)
        .filter(({ value }) => value !== 0)
        .map((sample) => [labels.map((label) => sample.labels[label]).join(' '), sample.value]),
    );
  return {
    messages: counted('messages_total', 'thrift_message_type', 'thrift_reply'),
    active: only('active_messages'),
    requestSize: only('request_size_bytes_sum'),
    requests: only('request_size_bytes_count'),
    decodes: only('request_decode_seconds_count'),
    responseSize: some('response_size_bytes_sum'),
    responses: some('response_size_bytes_count'),
    writes: some('response_write_seconds_count'),
    lost: counted('lost_replies_total', 'thrift_reason'),
  };
}

/** Matches counts that include these. Messages and lost replies are compared as a whole, so there are no others. */
export function counting(counts: Partial<Counts>): Counts {
  return expect.objectContaining(counts) as Counts;
}

/** Counts of refused input by reason, without zeros. */
export async function protocolErrors(): Promise<Record<string, number>> {
  return Object.fromEntries(
    (await samplesOf(register))
      .filter(({ name, value }) => name === 'thrift_server_protocol_errors_total' && value !== 0)
      .map(({ labels, value }) => [labels.thrift_reason, value]),
  );
}

/** How long the oldest message has been waiting for its reply, in seconds. */
export async function oldestOf(method: string, service = 'Library'): Promise<number> {
  const [found, ...others] = (await samplesOf(register)).filter(
    ({ name, labels }) =>
      name === 'thrift_server_oldest_active_request_seconds' &&
      labels.thrift_service === service &&
      labels.thrift_method === method,
  );
  if (found === undefined || others.length > 0) throw new Error('no one series');
  return found.value;
}
