import { checkOptions, type OptionCheck, type OptionTable, show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';

/**
 * A check of an option that decides who can read the metrics. An unset or empty environment variable must not open the
 * endpoint, so `undefined`, `null` and `''` are refused like any other wrong value. The message does not show the value,
 * because it could be a secret. `expected` completes the sentence "Expected …."
 */
export function mustBeSet(valid: (value: unknown) => boolean, expected: string): OptionCheck {
  return (where, name, value) => {
    if (valid(value)) return;
    const found = isEmpty(value) ? show(value) : `of type ${typeof value}`;
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: option '${name}' is ${found}. Expected ${expected}.`,
    );
  };
}

/**
 * Checks an object all of whose options must be set.
 *
 * @throws {@link ThriftMetricsError} if an option is unknown, missing or wrong.
 */
export function checkAllSet<Options>(
  where: string,
  options: unknown,
  table: OptionTable<Options>,
): void {
  checkOptions(where, options, Object.keys(table));
  for (const [name, check] of Object.entries<OptionCheck>(table)) {
    check(where, name, (options as Readonly<Record<string, unknown>>)[name]);
  }
}

export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}
