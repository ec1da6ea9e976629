import { exceptionClassName } from '../call/exception';
import { CATALOGUE, type MetricKind, type MetricType } from '../catalogue';
import { state } from '../registry/state';
import { ThriftMetricsError } from '../errors';
import { show } from '../validation/options';
import { findDeclaration } from './class-declaration';
import { adoptMethods } from './declare';

/** One metric of one method, as it was declared. */
export interface DeclaredMetric {
  /** Which decorator declares it. */
  readonly kind: MetricKind;
  /** The metric's name, prefix included. */
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** Value of `thrift_service`. */
  readonly service: string;
  /** Value of `thrift_method`. */
  readonly method: string;
  readonly static: boolean;
  /** The class that declares the method. */
  readonly declaredBy: string;
  /** Every label name, in alphabetical order. */
  readonly labelNames: readonly string[];
  /** The user's labels that are constants. */
  readonly labels: Readonly<Record<string, string>>;
  /** Of a histogram: upper bounds in seconds. */
  readonly buckets?: readonly number[];
  /** Of a summary. */
  readonly quantiles?: readonly number[];
  /** Of an error counter: the names of the exceptions that count as declared; absent when they were not listed. */
  readonly exceptions?: readonly string[];
}

/**
 * What decorators, or `instrumentHandler`, declared of a handler class (or of an instrumented handler object), the
 * classes it derives from included. Read from reflect-metadata; nothing is registered by reading.
 *
 * @throws {ThriftMetricsError} when the argument is neither a class nor an object.
 *
 * @example
 * for (const { service, method, name } of getDeclaredMetrics(CalculatorHandler)) {
 *   console.log(`${service}/${method}: ${name}`);
 * }
 */
export function getDeclaredMetrics(handler: object): DeclaredMetric[] {
  if (typeof handler !== 'function' && (typeof handler !== 'object' || handler === null)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `getDeclaredMetrics: ${show(handler)} is given; a handler class or a handler is expected`,
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
  for (const { method, isStatic, specs, plan, owner: known } of declaration.methods) {
    for (const spec of specs) {
      const labelNames = [
        ...CATALOGUE[spec.kind].labels,
        ...Object.keys(spec.constantLabels),
        ...Object.keys(spec.labelFunctions),
      ];
      declared.push({
        kind: spec.kind,
        name: state.settings.prefix + spec.name,
        type: spec.type,
        help: spec.help,
        service: plan.ready ? plan.service : declaration.serviceName(className),
        method,
        static: isStatic,
        declaredBy: known?.name ?? className,
        labelNames: labelNames.toSorted(),
        labels: { ...spec.constantLabels },
        ...(spec.type === 'histogram' && { buckets: spec.buckets ?? state.settings.buckets }),
        ...(spec.quantiles !== null && { quantiles: spec.quantiles }),
        ...(spec.exceptions !== null && { exceptions: spec.exceptions.map(exceptionClassName) }),
      });
    }
  }
}
