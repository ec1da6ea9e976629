import type { MetricKind } from '../metrics/catalogue';
import { ThriftMetricsError } from '../validation/errors';
import { locationOf } from '../declaration/method';
import { declareOnMethod } from '../declaration/declare';
import { isApplied, notAMethod, parseMethodUse, type MethodUse } from '../declaration/dialect';
import { createMetricSpec } from './metric-options';
import { runtime } from '../runtime/runtime';
import type { MetricDecorator } from './options';

/** The decorator of one kind of metric, usable bare, called, with a name, and with options. */
export function createMetricDecorator<Options>(
  decorator: string,
  kind: MetricKind,
): MetricDecorator<Options> {
  const apply = (args: readonly unknown[], options: unknown): unknown => {
    const use = parseMethodUse(decorator, args);
    const spec = createMetricSpec(kind, options, whereOf(decorator, use));
    return declareOnMethod(runtime(), use, [spec]);
  };
  const decorate = (...args: unknown[]): unknown => {
    if (isApplied(args)) return apply(args, {});
    if (typeof args[0] === 'function') throw notAMethod(decorator, 'a class', args[0].name);
    const options = namedOptions(decorator, args);
    return (...applied: unknown[]) => apply(applied, options);
  };
  Object.defineProperty(decorate, 'name', { value: decorator });
  return decorate as MetricDecorator<Options>;
}

/** For error messages: `@Timed on CalculatorHandler.add`. */
export function whereOf(decorator: string, use: MethodUse): string {
  return `@${decorator} on ${locationOf(use.dialect === 'legacy' ? use.owner : null, use.key)}`;
}

function namedOptions(decorator: string, [first, second]: readonly unknown[]): unknown {
  if (typeof first !== 'string') return first ?? {};
  if (typeof second === 'object' && second !== null && 'name' in second) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `@${decorator}: the name is given twice, as '${first}' and in the options`,
    );
  }
  return { ...(second as object | undefined), name: first };
}
