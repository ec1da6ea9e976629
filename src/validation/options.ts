import { ThriftMetricsError } from '../errors';

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
