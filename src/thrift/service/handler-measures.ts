import { declarationsOf } from '../../declaration/declarations';
import { type Facade, facadeOf } from '../../declaration/facade';
import {
  classOf,
  declaredIn,
  findProperty,
  isClass,
  isExcluded,
  isHandler,
} from '../../declaration/handler-methods';
import type { MethodDeclaration } from '../../declaration/method';
import type { Method } from '../../recording/wrap';
import type { Runtime } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';

/** The most methods that one message names. */
const MOST_NAMES = 10;

/** The facades around a handler, outermost first. */
export function facadesAround(runtime: Runtime, handler: unknown): Facade[] {
  const facades: Facade[] = [];
  let each = handler;
  while (isHandler(each)) {
    const facade = facadeOf(runtime, each);
    if (facade === undefined) break;
    facades.push(facade);
    each = facade.handler;
  }
  return facades;
}

/** The declarations that measure a method of a handler, outermost first. Runs no accessor of the handler. */
export function measuresOf(runtime: Runtime, handler: unknown, name: string): MethodDeclaration[] {
  const facades = facadesAround(runtime, handler);
  const measures = facades.flatMap((facade) => facade.served(name));
  const behind = facades.at(-1)?.handler ?? handler;
  const value = isHandler(behind) ? findProperty(behind, name)?.property.value : undefined;
  if (typeof value === 'function') {
    measures.push(...declarationsOf(runtime).around(value as Method));
  }
  return measures;
}

/**
 * Reports the methods of a service that record no metrics in a handler whose other methods do. Nothing is reported for a
 * handler without metrics, for a handler of `instrumentHandler`, and for methods that `NotInstrumented` leaves out.
 */
export function reportUnmeasured(
  runtime: Runtime,
  handler: unknown,
  service: string,
  names: readonly string[],
): void {
  if (!isHandler(handler) || facadesAround(runtime, handler).length > 0) return;
  const unmeasured = names.filter((name) => !isMeasured(runtime, handler, name));
  const isMeasuredInPart = names.some((name) => measuresOf(runtime, handler, name).length > 0);
  const missing = unmeasured.filter((name) => {
    const property = findProperty(handler, name)?.property;
    if (property === undefined) return false;
    const value: unknown = property.value;
    if ('value' in property && (typeof value !== 'function' || isClass(value))) return false;
    return !isExcluded(
      runtime,
      handler,
      name,
      typeof value === 'function' ? (value as Method) : null,
    );
  });
  if (missing.length === 0 || !isMeasuredInPart) return;
  const where = classOf(handler)?.name ?? '';
  runtime.faults.warnOnce(
    `unmeasured:${service}`,
    new ThriftMetricsError(
      'TM_ERR_UNMEASURED_METHODS',
      `service '${service}': ${missing.length} of ${names.length} methods of its handler${where === '' ? '' : ` (${where})`} are not measured. ` +
        `Calls of ${list(missing)} are missing from the handler's metrics. ` +
        'Decorate them or their class, pass the handler to instrumentHandler, or mark them with @NotInstrumented.',
    ),
  );
}

/** Whether a method records metrics, also below the decorator of another library or in an override that calls it. */
function isMeasured(runtime: Runtime, handler: object, name: string): boolean {
  if (measuresOf(runtime, handler, name).length > 0) return true;
  const found = findProperty(handler, name);
  if (found === undefined) return false;
  if (declaredIn(handler, found.layer, name).length > 0) return true;
  const value: unknown = found.property.value;
  const parent = Object.getPrototypeOf(found.layer) as object | null;
  // `super.add(…)`, or `_super.prototype.add.call(…)` in the output of compilers.
  const callsInherited =
    typeof value === 'function' && /super\b/.test(Function.prototype.toString.call(value));
  return callsInherited && parent !== null && isMeasured(runtime, parent, name);
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => `'${name}'`);
  const others = names.length - shown.length;
  if (others > 0) shown.push(`${others} more`);
  const last = shown.pop() as string;
  return shown.length === 0 ? last : `${shown.join(', ')} and ${last}`;
}
