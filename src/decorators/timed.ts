import { createMetricDecorator } from './metric-decorator';
import type { MetricDecorator } from './types';

/**
 * Observes how long the calls of a method take, in seconds, in the histogram `thrift_server_latency_seconds`: from the
 * arrival of a call until it returns or throws, its promise settles, or its callback is called.
 *
 * Labels: `thrift_service`, `thrift_method`, `thrift_success` (`false` for a call that threw, rejected, or passed an error
 * to its callback), and the ones in the option `labels`. Label functions see the outcome. With `quantiles`, the metric is a
 * summary over the last ten minutes, whose quantiles have a relative error of at most 1 %.
 *
 * @throws {@link ThriftMetricsError} at class definition, when an option is invalid, the name belongs to a metric of
 * another type, or the same series was declared with other buckets.
 *
 * @example
 * ```ts
 * class CalculatorHandler {
 *   @Timed({ buckets: [0.001, 0.01, 0.1, 1] })
 *   async calculate(logid: number, work: Work) {
 *     return work.num1 + work.num2;
 *   }
 * }
 * ```
 */
export const Timed: MetricDecorator<'timed'> = createMetricDecorator('Timed', 'timed');
