import { createMetricDecorator } from './metric-decorator';
import type { MetricDecorator } from './types';

/**
 * Counts the calls of a method in `thrift_server_requests_total`, when they arrive.
 *
 * Labels: `thrift_service`, `thrift_method`, and those of the option `labels`, whose functions see the arguments. A call
 * that throws is counted like any other.
 *
 * @throws {@link ThriftMetricsError} at class definition, when an option is wrong or the name is in use for another type.
 *
 * @example
 * ```ts
 * class CalculatorHandler {
 *   @Counted
 *   add(a: number, b: number) {
 *     return a + b;
 *   }
 *
 *   @Counted('myapp_requests_total', { help: 'Total number of requests' })
 *   ping() {}
 * }
 * ```
 */
export const Counted: MetricDecorator<'counted'> = createMetricDecorator('Counted', 'counted');
