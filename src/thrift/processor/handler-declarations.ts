import { UNKNOWN } from '../../call/label-function';
import type { Method } from '../../call/wrap';
import { bind } from '../../registry/bind';
import type { MethodDeclaration } from '../../registry/method-declaration';
import { state } from '../../registry/state';
import { GeneratedThrows } from './declared-exceptions';
import type { ProcessorMethod } from './generated-processor';

/** The service that a handler's method is measured under; null where it carries no decorator. */
export function serviceOfHandler(handler: unknown, name: string): string | null {
  const service = declarationsOf(handler, name)[0]?.plan.service ?? '';
  return service === '' || service === UNKNOWN ? null : service;
}

/** Lets the error counters of a handler know which exceptions the service declares, each of which gets its series. */
export function declareThrows(handler: unknown, methods: Iterable<ProcessorMethod>): void {
  for (const method of methods) {
    for (const declaration of declarationsOf(handler, method.name)) {
      // A handler of two services keeps to the first.
      if (declaration.throws !== null) continue;
      declaration.throws = new GeneratedThrows(method);
      if (declaration.plan.ready) bind(declaration, declaration.plan.service);
    }
  }
}

/** Of each wrapper on a method, the outermost first. Accessors are not asked: only a call may do that. */
function declarationsOf(handler: unknown, name: string): MethodDeclaration[] {
  const declarations: MethodDeclaration[] = [];
  let method = methodOf(handler, name);
  while (typeof method === 'function') {
    const declaration = state.wrappers.get(method as Method);
    if (declaration === undefined) break;
    declarations.push(declaration);
    method = declaration.original;
  }
  return declarations;
}

function methodOf(handler: unknown, name: string): unknown {
  let holder = typeof handler === 'object' || typeof handler === 'function' ? handler : null;
  while (holder !== null) {
    const property = Reflect.getOwnPropertyDescriptor(holder, name);
    if (property !== undefined) return property.value as unknown;
    holder = Object.getPrototypeOf(holder) as object | null;
  }
  return undefined;
}
