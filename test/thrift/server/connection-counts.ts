import { register } from 'prom-client';

import { samplesOf } from '../../support/value-of';

/** The metrics of the connections of one transport. */
export interface Connections {
  readonly active: number;
  readonly accepted: number;
  /** By reason, without zeros. */
  readonly closed: Readonly<Record<string, number>>;
  readonly received: number;
  readonly sent: number;
}

export const NONE: Connections = { active: 0, accepted: 0, closed: {}, received: 0, sent: 0 };

export async function connectionsOf(transport: string): Promise<Connections> {
  const samples = (await samplesOf(register)).filter(
    ({ labels }) => labels.thrift_transport === transport,
  );
  const only = (name: string): number => {
    const [found, ...others] = samples.filter((sample) => sample.name === name);
    if (found === undefined || others.length > 0) throw new Error(`no one series of ${name}`);
    return found.value;
  };
  return {
    active: only('thrift_server_active_connections'),
    accepted: only('thrift_server_connections_total'),
    closed: withoutZeros(
      samples
        .filter(({ name }) => name === 'thrift_server_connections_closed_total')
        .map(({ labels, value }) => [String(labels.thrift_reason), value]),
    ),
    received: only('thrift_server_received_bytes_total'),
    sent: only('thrift_server_sent_bytes_total'),
  };
}

/** Counts of refused input by reason, without zeros. */
export async function protocolErrors(): Promise<Record<string, number>> {
  return withoutZeros(
    (await samplesOf(register))
      .filter(({ name }) => name === 'thrift_server_protocol_errors_total')
      .map(({ labels, value }) => [String(labels.thrift_reason), value]),
  );
}

function withoutZeros(entries: [string, number][]): Record<string, number> {
  return Object.fromEntries(entries.filter(([, value]) => value !== 0));
}
