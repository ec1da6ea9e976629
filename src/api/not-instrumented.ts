import { declarationsOf } from '../declaration/declarations';
import { runtime } from '../runtime/runtime';
import { declarationOf } from '../declaration/class';
import { pendingDeclaration } from '../declaration/declare';
import { isApplied, notAMethod, parseMethodUse } from '../declaration/dialect';
import type { MethodDecoration } from './options';

/**
 * Takes a method out of what `Instrumented` on its class says. Decorators of single metrics on the method itself stay.
 *
 * @throws {@link ThriftMetricsError} at class definition, when it stands on anything but a method.
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
} as MethodDecoration & { (): MethodDecoration };

function exclude(args: readonly unknown[]): unknown {
  const use = parseMethodUse('NotInstrumented', args);
  if (use.dialect === 'legacy') {
    declarationOf(use.owner).exclude(use.key, use.isStatic);
    return use.descriptor;
  }
  const shared = runtime();
  pendingDeclaration(shared, use).exclude(use.key, use.isStatic);
  declarationsOf(shared).excluded.add(use.value);
  return use.value;
}
