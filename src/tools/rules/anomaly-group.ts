import type { DeclaredMethod } from '../../declaration/describe';
import type { HistogramStorage } from '../histogram-expressions';
import type { AlertDefaults } from './alert';
import { anomalyAlerts } from './anomaly-alerts';
import { anomalyBandRules } from './anomaly-bands';
import { anomalySignals } from './anomaly-signals';
import type { PrometheusRuleGroup } from './prometheus-rules';

/** Its own, because more frequent evaluations read more samples and detect nothing sooner. */
const INTERVAL = '1m';

/** Returns the group with the bands and alerts of all methods, or no group if no method counts its calls. */
export function anomalyGroup(
  methods: readonly DeclaredMethod[],
  storage: HistogramStorage,
  defaults: AlertDefaults,
): PrometheusRuleGroup[] {
  const signals = anomalySignals(methods, storage);
  if (signals === null) return [];
  const rules = [...anomalyBandRules(signals), ...anomalyAlerts(signals, defaults)];
  return [{ name: 'thrift_anomalies', interval: INTERVAL, rules }];
}
