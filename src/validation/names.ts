import { ThriftMetricsError } from '../errors';
import { show } from './options';

// https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export function checkMetricName(where: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || !METRIC_NAME.test(name)) {
    throw new ThriftMetricsError(
      'TM_ERR_METRIC_NAME',
      `${where}: metric name ${show(name)} is invalid. Use letters, digits, '_' and ':', and do not begin with a digit.`,
    );
  }
}

export function checkPrefix(where: string, prefix: unknown): asserts prefix is string {
  if (typeof prefix !== 'string' || (prefix !== '' && !METRIC_NAME.test(prefix))) {
    throw new ThriftMetricsError(
      'TM_ERR_METRIC_NAME',
      `${where}: prefix ${show(prefix)} is invalid. Use letters, digits, '_' and ':', and do not begin with a digit.`,
    );
  }
}

/** `reserved` names the labels that the metric itself sets. */
export function checkLabelName(where: string, name: string, reserved: readonly string[]): void {
  if (!LABEL_NAME.test(name) || name.startsWith('__')) {
    throw new ThriftMetricsError(
      'TM_ERR_LABEL_NAME',
      `${where}: label name ${show(name)} is invalid. Use letters, digits and '_', and begin with neither a digit nor '__'.`,
    );
  }
  if (reserved.includes(name)) {
    throw new ThriftMetricsError(
      'TM_ERR_LABEL_NAME',
      `${where}: label '${name}' is set by the metric itself. Choose a name other than ${reserved.join(', ')}.`,
    );
  }
}
