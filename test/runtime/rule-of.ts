import type { CompiledRule } from '../../src/runtime/policy';

type Sets = Partial<Omit<CompiledRule, 'match'> & CompiledRule['match']>;

/** A rule of `configureMetrics({ rules })` with its patterns compiled, which sets only this. */
export function ruleOf({
  service = null,
  method = null,
  metric = null,
  ...sets
}: Sets): CompiledRule {
  return {
    location: 'rules[0]',
    exclude: null,
    buckets: null,
    native: null,
    drop: null,
    objective: null,
    anomalies: null,
    maxSeries: null,
    ...sets,
    match: { service, method, metric },
  };
}
