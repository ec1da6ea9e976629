import { CATALOGUE, type MetricKind, type MetricType } from '../metrics/catalogue';
import { exceptionClassName } from '../recording/exception';
import { currentRuntime, type Runtime } from '../runtime/runtime';
import { ThriftMetricsError } from '../validation/errors';
import { isObject, show } from '../validation/checks';
import { findDeclaration } from './class';
import { declarationsOf } from './declarations';
import { adoptMethods } from './declare';
import type { MethodDeclaration } from './method';
import type { MetricSpec } from './metric-spec';
import type { DeclaredObjective } from './objective';

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
  /** Of a histogram that has exponential buckets, too. */
  readonly native?: true;
  /** Of a summary. */
  readonly quantiles?: readonly number[];
  /** Of an error counter: the names of the exceptions that count as declared; absent when they were not listed. */
  readonly exceptions?: readonly string[];
  /** What `Objective` promises of the method; absent where it promises nothing. */
  readonly objective?: DeclaredObjective;
}

/** What is declared of one metric of a method, for readers. `className` is for where the declaration knows no class. */
function describeMetric(
  runtime: Runtime,
  { method, isStatic, owner, objective }: MethodDeclaration,
  spec: MetricSpec,
  service: string,
  className: string,
): DeclaredMetric {
  const { settings } = runtime;
  const labelNames = [
    ...CATALOGUE[spec.kind].labels,
    ...Object.keys(spec.constantLabels),
    ...Object.keys(spec.labelFunctions),
  ];
  return {
    kind: spec.kind,
    name: settings.prefix + spec.name,
    type: spec.type,
    help: spec.help,
    service,
    method,
    static: isStatic,
    declaredBy: owner?.name ?? className,
    labelNames: labelNames.toSorted(),
    labels: { ...spec.constantLabels },
    ...(spec.type === 'histogram' && {
      buckets: spec.buckets ?? settings.buckets,
      ...((spec.native ?? settings.nativeHistograms !== null) && { native: true }),
    }),
    ...(spec.quantiles !== null && { quantiles: spec.quantiles }),
    ...(spec.exceptions !== null && { exceptions: spec.exceptions.map(exceptionClassName) }),
    ...(objective !== null && { objective }),
  };
}

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
  const runtime = currentRuntime();
  const declared: DeclaredMetric[] = [];
  if (typeof handler !== 'function') {
    addDeclared(runtime, declared, handler, handler.constructor.name);
  }
  let owner: unknown = typeof handler === 'function' ? handler : handler.constructor;
  while (typeof owner === 'function' && owner !== Function.prototype && owner !== Object) {
    if (typeof owner.prototype === 'object')
      addDeclared(runtime, declared, adopted(runtime, owner), owner.name);
    owner = Object.getPrototypeOf(owner);
  }
  return declared;
}

function adopted(runtime: Runtime, owner: Function): object {
  if (findDeclaration(owner) === undefined) adoptMethods(runtime, owner);
  return owner;
}

function addDeclared(
  runtime: Runtime,
  declared: DeclaredMetric[],
  owner: object,
  className: string,
): void {
  const declaration = findDeclaration(owner);
  if (declaration === undefined) return;
  for (const method of declaration.methods) {
    const { plan, specs } = method;
    const service = plan.ready ? plan.service : declaration.serviceName(className);
    for (const spec of specs)
      declared.push(describeMetric(runtime, method, spec, service, className));
  }
}

/** One method of a service, with all that is declared of it in this process. */
export interface DeclaredMethod {
  /** Value of `thrift_service`. */
  readonly service: string;
  /** Value of `thrift_method`. */
  readonly method: string;
  /** The class that declares it. */
  readonly declaredBy: string;
  readonly metrics: readonly DeclaredMetric[];
  readonly objective: DeclaredObjective | null;
}

/**
 * Every method that has its series in this process, by service and method: what the live page, dashboards, rules and
 * `list` are made from. Of a class that was loaded anew, the newest is told.
 */
export function declaredMethods(runtime: Runtime): DeclaredMethod[] {
  const found = new Map<string, DeclaredMethod & { metrics: DeclaredMetric[] }>();
  for (const declaration of declarationsOf(runtime).methods.values()) {
    const { method, owner, objective, plan, specs } = declaration;
    const { service } = plan;
    const key = JSON.stringify([service, method]);
    const declaredBy = owner?.name ?? '';
    let entry = found.get(key);
    if (entry === undefined) {
      entry = { service, method, declaredBy, metrics: [], objective };
      found.set(key, entry);
    }
    for (const spec of specs) {
      entry.metrics.push(describeMetric(runtime, declaration, spec, service, declaredBy));
    }
  }
  return [...found.values()].toSorted(
    (a, b) => order(a.service, b.service) || order(a.method, b.method),
  );
}

/** Not by locale: the same everywhere. */
function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
