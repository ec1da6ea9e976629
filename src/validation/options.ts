import { ThriftMetricsError } from './errors';

/** How a value is shown in an error message: short, and never failing. */
export function show(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function')
    return value.name === '' ? 'a function' : `function ${value.name}`;
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (isObject(value)) return 'an object';
  return String(value);
}

/** Refuses anything but a plain options object whose keys are all known. */
export function checkOptions(where: string, options: unknown, allowed: readonly string[]): void {
  if (!isObject(options) || Array.isArray(options)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: options are ${show(options)}; an object is expected`,
    );
  }
  for (const key of Object.keys(options)) {
    if (!allowed.includes(key)) {
      throw new ThriftMetricsError(
        'TM_ERR_OPTION_UNKNOWN',
        `${where}: option '${key}' is unknown; allowed are ${allowed.join(', ')}`,
      );
    }
  }
}

/** Refuses an option that is given and not of the kind described. */
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
      `${where}: option '${name}' is ${show(value)}; ${expected} is expected`,
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
