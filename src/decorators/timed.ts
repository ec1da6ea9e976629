import { createMetricDecorator } from './metric-decorator';
import type { MetricDecorator } from './types';

/**
 * Observes how long the calls of a method take, in seconds, in the histogram `thrift_server_latency_seconds`: from
 * their arrival until they return, throw, their promise settles, or their callback comes.
 *
 * Labels: `thrift_service`, `thrift_method`, `thrift_success` (`false` for a call that threw, rejected, or called back
 * with an error), and those of the option `labels`, whose functions see the outcome. Default buckets: those of
 * `configureMetrics`. With `quantiles` the metric is a summary, whose quantiles are those of the last ten minutes with
 * a relative error of at most 1 %.
 *
 * @throws {@link ThriftMetricsError} at class definition, when an option is wrong, the name is in use for another type, or
 * the same series was declared with other buckets.
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
