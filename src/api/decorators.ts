import { declareOnMethod } from '../declaration/declare';
import { isApplied, type MethodUse, notAMethod, parseMethodUse } from '../declaration/dialect';
import { locationOf } from '../declaration/location';
import type { MetricKind } from '../metrics/catalogue';
import { currentRuntime } from '../runtime/runtime';
import { isObject, show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { createMetricSpec } from './metric-options';
import type { MetricDecorator } from './options';

/** Creates the decorator of one kind of metric, to be used bare, called, with a name, or with options. */
function createMetricDecorator<Kind extends MetricKind>(
  decorator: string,
  kind: Kind,
): MetricDecorator<Kind> {
  const apply = (args: readonly unknown[], options: unknown): unknown => {
    const use = parseMethodUse(decorator, args);
    const spec = createMetricSpec(kind, options, whereOf(decorator, use));
    return declareOnMethod(currentRuntime(), use, [spec]);
  };
  const decorate = (...args: unknown[]): unknown => {
    if (isSwapped(args)) {
      throw new ThriftMetricsError(
        'TM_ERR_OPTION_INVALID',
        `@${decorator} takes the name before the options. Write @${decorator}(${show(args[1])}, { … }).`,
      );
    }
    if (isApplied(args)) return apply(args, {});
    if (typeof args[0] === 'function') throw notAMethod(decorator, 'a class', args[0].name);
    const options = namedOptions(decorator, args);
    return (...applied: unknown[]) => apply(applied, options);
  };
  Object.defineProperty(decorate, 'name', { value: decorator });
  return decorate as MetricDecorator<Kind>;
}

/** Names a decorator and its method in error messages: `@Timed on CalculatorHandler.add`. */
export function whereOf(decorator: string, use: MethodUse): string {
  return `@${decorator} on ${locationOf(use.dialect === 'legacy' ? use.declaringClass : null, use.key)}`;
}

/** Whether the name follows the options. The legacy dialect passes a prototype instead, which has a constructor. */
function isSwapped([first, second, ...rest]: readonly unknown[]): boolean {
  return (
    rest.length === 0 &&
    typeof second === 'string' &&
    isObject(first) &&
    !Object.hasOwn(first, 'constructor')
  );
}

function namedOptions(decorator: string, [first, second]: readonly unknown[]): unknown {
  if (typeof first !== 'string') return first ?? {};
  if (typeof second === 'object' && second !== null && 'name' in second) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `@${decorator}: the name is given twice, as '${first}' and in the options. Remove one of them.`,
    );
  }
  if (second !== undefined && second !== null && !isObject(second)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `@${decorator}: the options after the name are ${show(second)}. Expected an object.`,
    );
  }
  return { ...second, name: first };
}

/**
 * Counts the calls of a method in `thrift_server_requests_total`, when they arrive.
 *
 * Labels: `thrift_service`, `thrift_method`, and the ones in the option `labels`. Label functions see the arguments. Failed
 * calls also count.
 *
 * @throws {@link ThriftMetricsError} at class definition, if an option is invalid or the name belongs to a metric of
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

/**
 * Observes how long the calls of a method take, in seconds, in the histogram `thrift_server_latency_seconds`: from the
 * arrival of a call until it returns or throws, its promise settles, or its callback is called.
 *
 * Labels: `thrift_service`, `thrift_method`, `thrift_success` (`false` for a call that threw, rejected, or passed an error
 * to its callback), and the ones in the option `labels`. Label functions see the outcome. With `quantiles`, the metric is a
 * summary over the last ten minutes, whose quantiles have a relative error of at most 1 %.
 *
 * Also records the synchronous part of each call, until the method returns or throws, with `thrift_service` and
 * `thrift_method`, in seconds: `thrift_server_event_loop_seconds_total`, and `thrift_server_event_loop_longest_seconds`, the
 * longest of the last minute. A measured call inside another one counts for itself.
 *
 * @throws {@link ThriftMetricsError} at class definition, if an option is invalid, the name belongs to a metric of
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

/**
 * Counts the calls of a method that fail in `thrift_server_errors_total`: by a throw, a rejection, or a callback whose
 * first argument is neither null nor undefined. The caller receives the same error.
 *
 * Labels: `thrift_service`, `thrift_method`, `thrift_exception_type` (the class of the error), `thrift_exception_kind`
 * (`declared` for the classes in `exceptions`, otherwise `undeclared`; without `exceptions`, `declared` for every
 * `TException` that is not a `TApplicationException`), and the ones in the option `labels`. The series of `undeclared`
 * `Error` and of each class in `exceptions` start at 0.
 *
 * @throws {@link ThriftMetricsError} at class definition, if an option is invalid or the name belongs to a metric of
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

/**
 * Shows how many calls of a method are in progress in the gauge `thrift_server_active_requests`: up by one when a call
 * arrives, down by one when it settles. A call whose callback is never called stays in the gauge.
 *
 * Labels: `thrift_service`, `thrift_method`, and the ones in the option `labels`. Label functions see the arguments.
 *
 * @throws {@link ThriftMetricsError} at class definition, if an option is invalid or the name belongs to a metric of
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
