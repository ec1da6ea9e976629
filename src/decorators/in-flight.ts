import { createMetricDecorator } from './metric-decorator';
import type { MetricDecorator } from './types';

/**
 * Shows how many calls of a method are in progress in the gauge `thrift_server_active_requests`: up by one when a call
 * arrives, down by one when it settles. A call whose callback is never called stays in the gauge.
 *
 * Labels: `thrift_service`, `thrift_method`, and the ones in the option `labels`. Label functions see the arguments.
 *
 * @throws {@link ThriftMetricsError} at class definition, when an option is invalid or the name belongs to a metric of
 * another type.
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
