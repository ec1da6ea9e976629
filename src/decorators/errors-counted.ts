import { createMetricDecorator } from './metric-decorator';
import type { MetricDecorator } from './types';

/**
 * Counts the calls of a method that fail in `thrift_server_errors_total`: by a throw, a rejection, or a callback whose
 * first argument is neither null nor undefined. The caller receives the same error.
 *
 * Labels: `thrift_service`, `thrift_method`, `thrift_exception_type` (the class of the error), `thrift_exception_kind`
 * (`declared` for the classes in `exceptions`, otherwise `undeclared`; without `exceptions`, `declared` for every
 * `TException` that is not a `TApplicationException`), and the ones in the option `labels`. The series of `undeclared`
 * `Error` and of each class in `exceptions` start at 0.
 *
 * @throws {@link ThriftMetricsError} at class definition, when an option is invalid or the name belongs to a metric of
 * another type.
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
