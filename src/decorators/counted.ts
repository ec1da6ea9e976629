import { createMetricDecorator } from './metric-decorator';
import type { MetricDecorator } from './types';

/**
 * Counts the calls of a method in `thrift_server_requests_total`, when they arrive.
 *
 * Labels: `thrift_service`, `thrift_method`, and the ones in the option `labels`. Label functions see the arguments. Calls
 * that fail are counted, too.
 *
 * @throws {@link ThriftMetricsError} at class definition, when an option is invalid or the name belongs to a metric of
 * another type.
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
