import { state } from '../registry/state';
import { declarationOf } from './class-declaration';
import { pendingDeclaration } from './declare';
import { isApplied, notAMethod, parseMethodUse } from './dialect';
import type { NotInstrumentedDecorator } from './types';

/**
 * Leaves a method out of what `Instrumented` on its class measures. Decorators of single metrics on the method still apply.
 *
 * @throws {@link ThriftMetricsError} at class definition, when it decorates anything but a method.
 *
 * @example
 * ```ts
 * @Instrumented
 * class CalculatorHandler {
 *   add(a: number, b: number) {
 *     return a + b;
 *   }
 *
 *   @NotInstrumented
 *   describe() {
 *     return 'not measured';
 *   }
 * }
 * ```
 */
export const NotInstrumented = function NotInstrumented(...args: unknown[]): unknown {
  if (isApplied(args)) return exclude(args);
  if (typeof args[0] === 'function') throw notAMethod('NotInstrumented', 'a class', args[0].name);
  return (...applied: unknown[]) => exclude(applied);
} as NotInstrumentedDecorator;

function exclude(args: readonly unknown[]): unknown {
  const use = parseMethodUse('NotInstrumented', args);
  if (use.dialect === 'legacy') {
    declarationOf(use.owner).exclude(use.key, use.isStatic);
    return use.descriptor;
  }
  pendingDeclaration(use).exclude(use.key, use.isStatic);
  state.excluded.add(use.value);
  return use.value;
}
