import { startTimeout } from '../metrics/clock';
import { ThriftMetricsError } from '../validation/errors';
import type { Faults } from './faults';
import type { Policy } from './policy';

/** Time in milliseconds after which a rule should have matched something: programs declare their metrics at startup. */
const GRACE = 60_000;

/** Reports rules that match nothing, once a while has passed after they were set. */
export function reportUnmatchedLater(
  settings: { readonly policy: Policy },
  faults: Pick<Faults, 'warnOnce'>,
): void {
  const { policy } = settings;
  if (policy.isEmpty) return;
  startTimeout(() => {
    if (settings.policy === policy) reportUnmatched(policy, faults);
  }, GRACE).unref();
}

export function reportUnmatched(policy: Policy, faults: Pick<Faults, 'warnOnce'>): void {
  for (const { location } of policy.unmatched()) {
    faults.warnOnce(
      location,
      new ThriftMetricsError(
        'TM_ERR_RULE_UNMATCHED',
        `${location} matches no metric and no method so far. Compare its patterns with the output of thrift-metrics list, or remove the rule.`,
      ),
    );
  }
}
