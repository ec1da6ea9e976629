import { ThriftMetricsError } from '../errors';
import { show } from '../validation/options';

/**
 * Refuses an option that decides who may read, where its key is there and its value is not: what an unset or empty
 * environment variable gives must not open the endpoint. Any other value is not shown, since it could be a secret.
 */
export function requireOption(
  where: string,
  name: string,
  value: unknown,
  valid: (value: unknown) => boolean,
  expected: string,
): void {
  if (valid(value)) return;
  const isEmpty = value === undefined || value === null || value === '';
  const found = isEmpty ? show(value) : `of type ${typeof value}`;
  throw new ThriftMetricsError(
    'TM_ERR_OPTION_INVALID',
    `${where}: option '${name}' is ${found}; ${expected} is expected`,
  );
}
