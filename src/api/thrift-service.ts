import { checkOption, isNonEmptyString } from '../validation/options';
import { ThriftMetricsError } from '../validation/errors';
import { parseClassUse } from '../declaration/class-use';
import { bindAll } from '../declaration/declare';
import { runtime } from '../runtime/runtime';
import type { ClassDecoration } from './options';

/**
 * Names the Thrift service that a handler class serves: the value of `thrift_service` for every method that the class
 * itself declares. Goes before `Instrumented({ service })`, and before the name of the class less `Handler`.
 *
 * @throws {@link ThriftMetricsError} at class definition, when the name is no non-empty string.
 *
 * @example
 * ```ts
 * @ThriftService('Calculator')
 * class MyImplementation {
 *   @Counted
 *   ping() {}
 * }
 * ```
 */
export function ThriftService(name: string): ClassDecoration {
  if (typeof name === 'function') {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      "@ThriftService is used without a name; ThriftService('Name') is expected",
    );
  }
  checkOption('@ThriftService', 'name', name ?? null, isNonEmptyString, 'a non-empty string');
  return (...args: readonly unknown[]): void => {
    const shared = runtime();
    const { owner, declaration } = parseClassUse(shared, 'ThriftService', args);
    declaration.thriftService = name;
    bindAll(shared, declaration, owner);
  };
}
