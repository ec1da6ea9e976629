import { ThriftMetricsError } from './errors';

/** Describes a value in an error message. Never throws. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function')
    return value.name === '' ? 'a function' : `function ${value.name}`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (isObject(value)) return 'an object';
  return String(value);
}

/** @throws {@link ThriftMetricsError} unless `options` is an object whose keys are all allowed. */
export function checkOptions(where: string, options: unknown, allowed: readonly string[]): void {
  if (!isObject(options) || Array.isArray(options)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: the options are ${show(options)}. Expected an object.`,
    );
  }
  for (const key of Object.keys(options)) {
    if (!allowed.includes(key)) {
      throw new ThriftMetricsError(
        'TM_ERR_OPTION_UNKNOWN',
        `${where}: option '${key}' is unknown. Allowed options: ${allowed.join(', ')}.`,
      );
    }
  }
}

/**
 * `expected` completes the sentence "Expected …." in the message.
 *
 * @throws {@link ThriftMetricsError} when the option is set to a value that is not valid.
 */
export function checkOption(
  where: string,
  name: string,
  value: unknown,
  valid: (value: never) => boolean,
  expected: string,
): void {
  if (value !== undefined && !valid(value as never)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: option '${name}' is ${show(value)}. Expected ${expected}.`,
    );
  }
}

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null;
export const isString = (value: unknown): boolean => typeof value === 'string';
export const isNonEmptyString = (value: unknown): boolean =>
  typeof value === 'string' && value !== '';
export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
export const isFunction = (value: unknown): boolean => typeof value === 'function';

/** Checks the value of one option, which is not undefined. */
export type OptionCheck = (where: string, name: string, value: unknown) => void;

/** The options of one function with their checks. Its keys are the only options that exist. */
export type OptionTable<Options> = { readonly [Name in keyof Required<Options>]: OptionCheck };

/** A check that a value passes if `valid` says so. `expected` completes the sentence "It must be …". */
export function mustBe(valid: (value: never) => boolean, expected: string): OptionCheck {
  return (where, name, value) => checkOption(where, name, value, valid, expected);
}

/**
 * Refuses anything but an object with options of the table, and values that do not pass their check.
 *
 * @throws {@link ThriftMetricsError} if an option is unknown or its value is wrong.
 */
export function checkOptionTable<Options>(
  where: string,
  options: unknown,
  table: OptionTable<Options>,
): asserts options is Options {
  checkOptions(where, options, Object.keys(table));
  for (const [name, check] of Object.entries<OptionCheck>(table)) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) check(where, name, value);
  }
}

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

/** Labels whose values must all be strings, such as default labels. */
export function checkConstantLabels(
  where: string,
  labels: unknown,
  reserved: readonly string[],
): asserts labels is Record<string, string> {
  checkLabels(where, labels, reserved, (value) => typeof value === 'string', 'a string');
}

/** Labels of a decorator: strings, or functions of the call. */
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

/** Checks the upper bounds of a histogram, without the infinite one. */
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
