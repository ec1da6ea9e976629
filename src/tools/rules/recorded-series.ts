import { LABEL } from '../../metrics/catalogue';
import type { ObjectiveIndicator } from '../../slo/objective-indicator';
import { selector } from '../promql';

/** The aggregation level of all rules, as the first part of `level:metric:operation`. */
const LEVEL = 'job_service_method';

/** The labels of that level, for a `by` clause. The job keeps deployments of the same service apart. */
export const LEVEL_LABELS = ['job', LABEL.service, LABEL.method].join(', ');

/** Window of the recorded rates, quantiles and ratios that do not belong to an alert. */
export const RATE_WINDOW = '5m';

/** Distinguishes the availability and the latency of an objective. */
export const OBJECTIVE_LABEL = 'thrift_objective';

/** Names a recorded series. A colon in a metric name would start the next part, so it becomes an underscore. */
export function recordName(metric: string, operation: string): string {
  return `${LEVEL}:${metric.replace(/_total$/, '').replaceAll(':', '_')}:${operation}`;
}

/** Selects a recorded series of one target of an objective. */
export function objectiveSeries(
  indicator: ObjectiveIndicator,
  metric: string,
  operation: string,
): string {
  const kind = `${OBJECTIVE_LABEL}="${indicator.kind}"`;
  return selector(recordName(metric, operation), indicator, kind);
}

/** Selects the recorded fraction of bad calls over one window. */
export function errorRatioSeries(indicator: ObjectiveIndicator, window: string): string {
  return objectiveSeries(indicator, 'thrift_objective_errors', `ratio_rate${window}`);
}
