import type { DeclaredMethod } from '../../declaration/describe';
import type { HistogramStorage } from '../histogram-expressions';
import type { AlertDefaults } from './alert';
import { anomalyAlerts } from './anomaly-alerts';
import { anomalyBandRules } from './anomaly-bands';
import { anomalySignals } from './anomaly-signals';
import type { PrometheusRuleGroup } from './prometheus-rules';

/** Not that of the other groups: more frequent evaluations would read more samples and detect nothing sooner. */
const INTERVAL = '1m';

/** The methods with bands. Rules decide for single methods, and the option for the others. */
export function bandedMethods(
  methods: readonly DeclaredMethod[],
  isRequested: boolean | undefined,
): DeclaredMethod[] {
  if (isRequested === false) return [];
  return methods.filter(({ anomalies }) => anomalies ?? isRequested === true);
}

/** Returns the group with the bands and alerts of some of the methods, or no group if none of them counts its calls. */
export function anomalyGroup(
  all: readonly DeclaredMethod[],
  methods: readonly DeclaredMethod[],
  storage: HistogramStorage,
  defaults: AlertDefaults,
): PrometheusRuleGroup[] {
  const signals = anomalySignals(methods, storage);
  if (signals === null) return [];
  const others = all.filter((method) => !methods.includes(method));
  const rules = [...anomalyBandRules(signals, others), ...anomalyAlerts(signals, defaults)];
  return [{ name: 'thrift_anomalies', interval: INTERVAL, rules }];
}
