import { createMetricDecorator } from './metric-decorator';
import type { MetricDecorator } from './types';

/**
 * Shows how many calls of a method are running in the gauge `thrift_server_active_requests`: up by one when a call
 * arrives, down by one when it settles, however it does. A call whose callback never comes stays in it.
 *
 * Labels: `thrift_service`, `thrift_method`, and those of the option `labels`, whose functions see the arguments.
 *
 * @throws {@link ThriftMetricsError} at class definition, when an option is wrong or the name is in use for another type.
 *
 * @example
 * ```ts
 * class CalculatorHandler {
 *   @InFlight
 *   async calculate(logid: number, work: Work) {
 *     return work.num1 + work.num2;
 *   }
 * }
 * ```
 */
export const InFlight: MetricDecorator<'inFlight'> = createMetricDecorator('InFlight', 'inFlight');
