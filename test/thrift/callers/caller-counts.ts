import type { Registry } from 'prom-client';

import { samplesOf } from '../../support/value-of';

/** The calls of each caller of a service, and how many of them failed. Undefined where there is no series. */
export type CallerCounts = Record<string, [calls: number | undefined, failed: number | undefined]>;

export async function callersOf(registry: Registry, service = 'Library'): Promise<CallerCounts> {
  const counts: CallerCounts = {};
  for (const { name, labels, value } of await samplesOf(registry)) {
    if (!name.startsWith('thrift_server_caller_') || labels['thrift_service'] !== service) continue;
    const entry = (counts[String(labels['thrift_caller'])] ??= [undefined, undefined]);
    entry[name === 'thrift_server_caller_requests_total' ? 0 : 1] = value;
  }
  return counts;
}
