import { definePart, type Runtime } from '../runtime/runtime';
import { ThriftMetricsError } from '../validation/errors';
import type { DeclaredMethod } from './declared-method';
import type { DeclaredObjective } from './objective';

/** Methods that other processes declare, which a command has read from their endpoints. Empty in programs. */
export const servedMethodsOf = definePart('declaration.served', (): DeclaredMethod[] => []);

/**
 * Applies the rules to a method of another process: what they exclude, its objective, and its bands. Null if they exclude all
 * of it.
 *
 * @throws {@link ThriftMetricsError} if the latency bound of a rule is not one of the buckets that the process serves.
 */
export function withPolicy({ settings }: Runtime, served: DeclaredMethod): DeclaredMethod | null {
  const { policy, prefix } = settings;
  if (policy.isEmpty) return served;
  const { service, method } = served;
  const metrics = served.metrics.filter(({ name }) => {
    const baseName = name.startsWith(prefix) ? name.slice(prefix.length) : name;
    return !policy.isExcluded(baseName, { service, method });
  });
  if (metrics.length === 0) return null;
  // The rules hold what `configureMetrics` has validated.
  const ruled = policy.objectiveOf(service, method) as DeclaredObjective | null;
  const anomalies = policy.anomaliesOf(service, method) ?? served.anomalies ?? null;
  if (ruled !== null) checkBound(served, ruled);
  return {
    ...served,
    metrics,
    objective: ruled ?? served.objective,
    ...(anomalies !== null && { anomalies }),
  };
}

function checkBound(
  { service, method, metrics }: DeclaredMethod,
  { latency }: DeclaredObjective,
): void {
  const buckets = metrics.find(({ kind }) => kind === 'timed')?.buckets;
  if (latency === undefined || buckets === undefined || buckets.includes(latency.within)) return;
  throw new ThriftMetricsError(
    'TM_ERR_OBJECTIVE',
    `The rule for ${service}.${method} has latency.within ${latency.within}, which is not a bucket that the program serves. Use one of ${buckets.join(', ')}, or give the program a rule with other buckets.`,
  );
}
