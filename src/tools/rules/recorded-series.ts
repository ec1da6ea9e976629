import { LABEL } from '../../metrics/catalogue';
import type { ObjectiveIndicator } from '../../slo/objective-indicator';
import { selector } from '../promql';

/** An aggregation level. The job keeps deployments of the same service apart. */
export interface Level {
  /** The first part of the names of its series: `level:metric:operation`. */
  readonly name: string;
  /** Its labels, for a `by` clause. */
  readonly labels: string;
}

export const METHOD_LEVEL: Level = {
  name: 'job_service_method',
  labels: ['job', LABEL.service, LABEL.method].join(', '),
};

/** The level of objectives that the methods of a service share. */
export const SERVICE_LEVEL: Level = {
  name: 'job_service',
  labels: ['job', LABEL.service].join(', '),
};

/** A method, or without a method a whole service. */
export interface MethodOrService {
  readonly service: string;
  readonly method: string | undefined;
}

export function levelOf({ method }: MethodOrService): Level {
  return method === undefined ? SERVICE_LEVEL : METHOD_LEVEL;
}

/** Window of the recorded rates, quantiles and ratios that do not belong to an alert. */
export const RATE_WINDOW = '5m';

/** Distinguishes the availability and the latency of an objective. */
export const OBJECTIVE_LABEL = 'thrift_objective';

/** Names a recorded series. A colon in a metric name would start the next part, so it becomes an underscore. */
export function recordName(metric: string, operation: string, level = METHOD_LEVEL): string {
  return `${level.name}:${metric.replace(/_total$/, '').replaceAll(':', '_')}:${operation}`;
}

/** Names the series of the targets of all objectives at a level. It has no job. */
export function targetName(level: Level): string {
  return `${level.name.replace('job_', '')}:thrift_objective_target:info`;
}

/** One target of the objective of a method or service. */
export interface RecordedTarget {
  readonly subject: MethodOrService;
  readonly indicator: ObjectiveIndicator;
}

/** Selects a recorded series of one target of an objective. */
export function objectiveSeries(
  { subject, indicator }: RecordedTarget,
  metric: string,
  operation: string,
): string {
  const kind = `${OBJECTIVE_LABEL}="${indicator.kind}"`;
  return selector(recordName(metric, operation, levelOf(subject)), subject, kind);
}

/** Selects the recorded fraction of bad calls over one window. */
export function errorRatioSeries(target: RecordedTarget, window: string): string {
  return objectiveSeries(target, 'thrift_objective_errors', `ratio_rate${window}`);
}
