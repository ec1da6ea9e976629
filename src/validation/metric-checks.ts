import { isObject, show } from './checks';
import { ThriftMetricsError } from './errors';

// Checks of what Prometheus allows in metrics. `where` begins each message and names the caller.
// https://prometheus.io/docs/concepts/data_model/#metric-names-and-labels
const METRIC_NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const LABEL_NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

/** @throws {@link ThriftMetricsError} if `name` is not a metric name. */
export function checkMetricName(where: string, name: unknown): asserts name is string {
  if (typeof name !== 'string' || !METRIC_NAME.test(name)) {
    throw new ThriftMetricsError(
      'TM_ERR_METRIC_NAME',
      `${where}: metric name ${show(name)} is invalid. Use letters, digits, '_' and ':', and do not begin with a digit.`,
    );
  }
}

/** @throws {@link ThriftMetricsError} if `name` is not a metric name that ends in `_total`. */
export function checkCounterName(where: string, name: unknown): asserts name is string {
  checkMetricName(where, name);
  if (!/._total$/.test(name)) {
    const stem = name.replace(/_*(?:total|count)?_*$/i, '') || 'requests';
    throw new ThriftMetricsError(
      'TM_ERR_METRIC_NAME',
      `${where}: counter name ${show(name)} does not end in '_total'. Prometheus stores a counter under a name with this ending, so queries for ${show(name)} would find nothing. Name it ${show(`${stem}_total`)}.`,
    );
  }
}

/** @throws {@link ThriftMetricsError} if `prefix` cannot begin a metric name. An empty prefix can. */
export function checkPrefix(where: string, prefix: unknown): asserts prefix is string {
  if (typeof prefix !== 'string' || (prefix !== '' && !METRIC_NAME.test(prefix))) {
    throw new ThriftMetricsError(
      'TM_ERR_METRIC_NAME',
      `${where}: prefix ${show(prefix)} is invalid. Use letters, digits, '_' and ':', and do not begin with a digit.`,
    );
  }
}

/**
 * `reserved` lists the labels that the metric itself sets.
 *
 * @throws {@link ThriftMetricsError} if `name` is not a label name, or is reserved.
 */
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

/**
 * Checks labels whose values are all strings, such as default labels.
 *
 * @throws {@link ThriftMetricsError} if a name or a value is not valid.
 */
export function checkConstantLabels(
  where: string,
  labels: unknown,
  reserved: readonly string[],
): asserts labels is Record<string, string> {
  checkLabels(where, labels, reserved, (value) => typeof value === 'string', 'a string');
}

/**
 * Checks the labels of a decorator, whose values are strings or functions of the call.
 *
 * @throws {@link ThriftMetricsError} if a name or a value is not valid.
 */
export function checkCallLabels(
  where: string,
  labels: unknown,
  reserved: readonly string[],
): asserts labels is Record<string, string | ((call: never) => string)> {
  checkLabels(
    where,
    labels,
    reserved,
    (value) => typeof value === 'string' || typeof value === 'function',
    'a string, or a function that returns one for a call',
  );
}

function checkLabels(
  where: string,
  labels: unknown,
  reserved: readonly string[],
  valid: (value: unknown) => boolean,
  expected: string,
): void {
  if (!isObject(labels) || Array.isArray(labels)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: the labels are ${show(labels)}. Expected an object, such as { tier: 'gold' }.`,
    );
  }
  for (const [name, value] of Object.entries(labels)) {
    checkLabelName(where, name, reserved);
    if (!valid(value)) {
      throw new ThriftMetricsError(
        'TM_ERR_LABEL_VALUE',
        `${where}: label '${name}' is ${show(value)}. Expected ${expected}.`,
      );
    }
  }
}

/** Whether values are a non-empty list of numbers in ascending order that all pass `within`. */
function ascends(values: unknown, within: (value: number) => boolean): values is readonly number[] {
  return (
    Array.isArray(values) &&
    values.length > 0 &&
    values.every(
      (value, i) =>
        typeof value === 'number' && within(value) && (i === 0 || value > values[i - 1]),
    )
  );
}

/**
 * Checks the upper bounds of a histogram, without +Inf.
 *
 * @throws {@link ThriftMetricsError} if they are not finite numbers in ascending order.
 */
export function checkBuckets(
  where: string,
  buckets: unknown,
): asserts buckets is readonly number[] {
  if (!ascends(buckets, Number.isFinite)) {
    throw new ThriftMetricsError(
      'TM_ERR_BUCKETS',
      `${where}: the buckets are ${show(buckets)}. Expected at least one finite number, in seconds and in ascending order; +Inf is added.`,
    );
  }
}

/** @throws {@link ThriftMetricsError} if `quantiles` are not numbers from 0 to 1 in ascending order. */
export function checkQuantiles(
  where: string,
  quantiles: unknown,
): asserts quantiles is readonly number[] {
  if (!ascends(quantiles, (value) => value >= 0 && value <= 1)) {
    throw new ThriftMetricsError(
      'TM_ERR_QUANTILES',
      `${where}: the quantiles are ${show(quantiles)}. Expected at least one number from 0 to 1, in ascending order.`,
    );
  }
}
