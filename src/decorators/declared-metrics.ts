import { ThriftMetricsError } from '../errors';
import { isObject, show } from '../validation/options';
import { findDeclaration } from './class-declaration';
import { adoptMethods } from './declare';
import { describeMetric, type DeclaredMetric } from './describe-metric';

/**
 * What decorators, or `instrumentHandler`, declared of a handler class (or of an instrumented handler object), the
 * classes it derives from included. Read from reflect-metadata; nothing is registered by reading.
 *
 * @throws {@link ThriftMetricsError} when the argument is neither a class nor an object.
 *
 * @example
 * ```ts
 * for (const { service, method, name } of getDeclaredMetrics(CalculatorHandler)) {
 *   console.log(`${service}/${method}: ${name}`);
 * }
 * ```
 */
export function getDeclaredMetrics(handler: object): DeclaredMetric[] {
  if (typeof handler !== 'function' && !isObject(handler)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `getDeclaredMetrics: the handler is ${show(handler)}. Expected a handler class or a handler.`,
    );
  }
  const declared: DeclaredMetric[] = [];
  if (typeof handler !== 'function') {
    addDeclared(declared, handler, handler.constructor.name);
  }
  let owner: unknown = typeof handler === 'function' ? handler : handler.constructor;
  while (typeof owner === 'function' && owner !== Function.prototype && owner !== Object) {
    if (typeof owner.prototype === 'object') addDeclared(declared, adopted(owner), owner.name);
    owner = Object.getPrototypeOf(owner);
  }
  return declared;
}

function adopted(owner: Function): object {
  if (findDeclaration(owner) === undefined) adoptMethods(owner);
  return owner;
}

function addDeclared(declared: DeclaredMetric[], owner: object, className: string): void {
  const declaration = findDeclaration(owner);
  if (declaration === undefined) return;
  for (const method of declaration.methods) {
    const { plan, specs } = method;
    const service = plan.ready ? plan.service : declaration.serviceName(className);
    for (const spec of specs) declared.push(describeMetric(method, spec, service, className));
  }
}
