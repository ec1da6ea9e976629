import { ThriftMetricsError } from './errors';
import { nearestNameHint } from './nearest-name';

/** Characters of a value in an error message. */
const SHOWN = 200;

/** Describes a value in an error message. */
export function show(value: unknown): string {
  const text = describe(value);
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}

function describe(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`;
  if (typeof value === 'function')
    return value.name === '' ? 'a function' : `function ${value.name}`;
  if (Array.isArray(value)) return `[${value.map(describe).join(', ')}]`;
  if (isObject(value)) return 'an object';
  return String(value);
}

/**
 * Checks that `options` is an object with known keys. `where` begins the message and names the caller.
 *
 * @throws {@link ThriftMetricsError} if it is not an object or has an unknown key.
 */
export function checkOptions(where: string, options: unknown, allowed: readonly string[]): void {
  if (!isObject(options) || Array.isArray(options)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: the options are ${show(options)}. Expected an object.`,
    );
  }
  for (const key of Object.keys(options)) {
    if (!allowed.includes(key)) {
      const hint = nearestNameHint(key, allowed);
      throw new ThriftMetricsError(
        'TM_ERR_OPTION_UNKNOWN',
        `${where}: option '${key}' is unknown.${hint} Allowed options: ${allowed.join(', ')}.`,
      );
    }
  }
}

/**
 * Checks the value of one option, unless it is undefined. `expected` completes the sentence "Expected …." in the message.
 *
 * @throws {@link ThriftMetricsError} if the value is not valid.
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
/** Whether a value is an http or https URL once `toUrl` has filled in its placeholders. */
export const isUrlTemplate = (value: unknown, toUrl: (template: string) => string): boolean =>
  typeof value === 'string' && /^https?:\/\/[^\s/]/.test(value) && URL.canParse(toUrl(value));
export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
export const isPositiveInteger = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) > 0;
/** Whether a value is a duration in seconds that is longer than 0. */
export const isPositiveSeconds = (value: unknown): boolean =>
  typeof value === 'number' && Number.isFinite(value) && value > 0;
export const isFunction = (value: unknown): boolean => typeof value === 'function';

/** Checks the value of one option, which must not be undefined. Throws a {@link ThriftMetricsError} if it is not valid. */
export type OptionCheck = (where: string, name: string, value: unknown) => void;

/** The check of each option of one options type. The compiler keeps its keys equal to those of the type. */
export type OptionTable<Options> = { readonly [Name in keyof Required<Options>]: OptionCheck };

/** Creates a check from a predicate. `expected` completes the sentence "Expected …." in the message. */
export function mustBe(valid: (value: never) => boolean, expected: string): OptionCheck {
  return (where, name, value) => checkOption(where, name, value, valid, expected);
}

/**
 * Checks that `options` is an object with the options of the table and valid values.
 *
 * @throws {@link ThriftMetricsError} if it is not an object, an option is unknown, or a value is not valid.
 */
export function checkOptionTable<Options>(
  where: string,
  options: unknown,
  table: OptionTable<Options>,
): asserts options is Options {
  // Only a message needs the list of names. Options of clients can be checked at each call, so it is not created before.
  if (
    !isObject(options) ||
    Array.isArray(options) ||
    Object.keys(options).some((key) => !Object.hasOwn(table, key))
  ) {
    checkOptions(where, options, Object.keys(table));
  }
  for (const name in table) {
    const value = (options as Readonly<Record<string, unknown>>)[name];
    if (value !== undefined) table[name](where, name, value);
  }
}
