import type { MethodRow } from '../../../../src/tools/page/browser/protocol';

/** A row of a method that is called once per second without trouble. */
export function rowOf(method: string, figures: Partial<MethodRow> = {}): MethodRow {
  return {
    service: 'Calculator',
    method,
    rate: 1,
    failedRatio: 0,
    badRatio: 0,
    failedRate: 0,
    badRate: 0,
    p50: null,
    p95: null,
    p99: null,
    lowestBound: null,
    highestBound: null,
    inFlight: 0,
    oldest: 0,
    hangAge: 60,
    budget: null,
    latencyBound: null,
    rates: [],
    inFlights: [],
    failedRatios: [],
    p99s: [],
    ...figures,
  };
}
