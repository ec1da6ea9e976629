import { LABEL } from '../catalogue';

/** What the rules aggregate by, short, as it stands at the beginning of their names. */
const LEVEL = 'job_service_method';

/** The same as PromQL has it in a `by`. The job keeps deployments apart that serve the same service. */
export const LABELS_OF_LEVEL = ['job', LABEL.service, LABEL.method].join(', ');

/** The window of rates that no alert asks for. */
export const RATE_WINDOW = '5m';

/** Name of a recorded series. A colon in the name of a metric would be taken for the next part. */
export function recordName(metric: string, operation: string): string {
  return `${LEVEL}:${metric.replace(/_total$/, '').replaceAll(':', '_')}:${operation}`;
}
