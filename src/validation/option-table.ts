import { checkOption, checkOptions } from './options';

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
