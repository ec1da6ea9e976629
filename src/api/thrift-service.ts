import { bindAll, declarationOfUse } from '../declaration/class-binding';
import { describeTarget, isApplied, isAppliedToClass, parseClassUse } from '../declaration/dialect';
import { currentRuntime } from '../runtime/runtime';
import { show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import type { ServiceDecorator } from './options';

/**
 * Names the Thrift service of a handler class. The name is the value of `thrift_service` for every method that the class
 * itself declares. Takes precedence over `Instrumented({ service })` and over the name of the class without `Handler`.
 *
 * @throws {@link ThriftMetricsError} at class definition, if the name is missing or empty.
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
export const ThriftService = function ThriftService(...args: readonly unknown[]): unknown {
  const [name] = args;
  if (isAppliedToClass(args) || isApplied(args)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `@ThriftService on ${describeTarget(args)} needs the name of the service. Write @ThriftService('Calculator').`,
    );
  }
  if (typeof name !== 'string' || name === '') {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `@ThriftService: the name of the service is ${show(name)}. Use a non-empty string, such as @ThriftService('Calculator').`,
    );
  }
  return (...applied: readonly unknown[]): void => {
    const runtime = currentRuntime();
    const use = parseClassUse('ThriftService', applied);
    const declaration = declarationOfUse(runtime, use);
    declaration.thriftService = name;
    bindAll(runtime, declaration, use.declaringClass);
  };
} as ServiceDecorator;
