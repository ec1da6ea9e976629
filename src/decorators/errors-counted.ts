import { createMetricDecorator } from './metric-decorator';
import type { MetricDecorator } from './types';

/**
 * Counts the calls of a method that fail in `thrift_server_errors_total`, when they do: by a throw, a rejection, or a
 * callback whose first argument is neither null nor undefined. The error reaches the caller as it is.
 *
 * Labels: `thrift_service`, `thrift_method`, `thrift_exception_type` (the class of the error), `thrift_exception_kind`
 * (`declared` for the classes in `exceptions`, else `undeclared`; without `exceptions`, `declared` for every
 * TException that is no TApplicationException), and those of the option `labels`. `undeclared` `Error` and each class
 * in `exceptions` stand at 0 from the start.
 *
 * @throws {@link ThriftMetricsError} at class definition, when an option is wrong or the name is in use for another type.
 *
 * @example
 * ```ts
 * class CalculatorHandler {
 *   @ErrorsCounted({ exceptions: [InvalidOperation] })
 *   async calculate(logid: number, work: Work) {
 *     if (work.num2 === 0) throw new InvalidOperation({ why: 'division by 0' });
 *     return work.num1 / work.num2;
 *   }
 * }
 * ```
 */
export const ErrorsCounted: MetricDecorator<'errorsCounted'> = createMetricDecorator(
  'ErrorsCounted',
  'errorsCounted',
);
