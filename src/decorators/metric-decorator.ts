import type { MetricKind } from '../catalogue';
import { ThriftMetricsError } from '../errors';
import { placeOf } from '../registry/method-declaration';
import { declareOnMethod } from './declare';
import { isApplied, notAMethod, parseMethodUse, type MethodUse } from './dialect';
import { isObject, show } from '../validation/options';
import { createMetricSpec } from './metric-spec';
import type { MetricDecorator } from './types';

/** The decorator of one kind of metric, usable bare, called, with a name, and with options. */
export function createMetricDecorator<Kind extends MetricKind>(
  decorator: string,
  kind: Kind,
): MetricDecorator<Kind> {
  const apply = (args: readonly unknown[], options: unknown): unknown => {
    const use = parseMethodUse(decorator, args);
    const spec = createMetricSpec(kind, options, whereOf(decorator, use));
    return declareOnMethod(use, [spec]);
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

/** For error messages: `@Timed on CalculatorHandler.add`. */
export function whereOf(decorator: string, use: MethodUse): string {
  return `@${decorator} on ${placeOf(use.dialect === 'legacy' ? use.owner : null, use.key)}`;
}

/** Whether the name follows the options. A prototype, which the legacy dialect passes, has a constructor of its own. */
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
