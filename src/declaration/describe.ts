import { CATALOGUE, LABEL } from '../metrics/catalogue';
import { exceptionClassName } from '../recording/exception';
import { currentRuntime, type Runtime } from '../runtime/runtime';
import { isObject, show } from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { findDeclaration } from './class';
import { adoptMethods } from './class-binding';
import { declarationsOf } from './declarations';
import type { DeclaredMethod, DeclaredMetric } from './declared-method';
import { servedMethodsOf, withPolicy } from './served-methods';
import { facadeOf } from './facade';
import { classOf } from './handler-methods';
import type { MethodDeclaration } from './method';
import type { MetricSpec } from './metric-spec';

export type { DeclaredMethod, DeclaredMetric } from './declared-method';

/** Describes one metric of a method. `className` is used if the declaration does not know its class yet. */
function describeMetric(
  runtime: Runtime,
  { method, isStatic, declaringClass, objective }: MethodDeclaration,
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
    declaredBy: declaringClass?.name ?? className,
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
 * Lists the metrics that decorators or `instrumentHandler` have declared for a handler class, a handler, or the object that
 * `instrumentHandler` returned, including the classes it derives from. Reads reflect-metadata and registers nothing.
 *
 * @throws {@link ThriftMetricsError} if the argument is neither a class nor an object.
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
  let behind = handler;
  for (let facade; (facade = facadeOf(runtime, behind)) !== undefined; behind = facade.handler) {
    addDeclared(runtime, declared, behind, facade.className);
  }
  let type: unknown = classOf(behind);
  while (typeof type === 'function' && type !== Function.prototype && type !== Object) {
    if (typeof type.prototype === 'object') {
      if (findDeclaration(type) === undefined) adoptMethods(runtime, type);
      addDeclared(runtime, declared, type, type.name);
    }
    type = Object.getPrototypeOf(type);
  }
  return declared.map((metric) => asReadersSee(runtime, metric));
}

/** The metric with the names that `configureMetrics` gives to built-in labels. */
function asReadersSee({ settings }: Runtime, metric: DeclaredMetric): DeclaredMetric {
  const { labelNames } = settings;
  if (labelNames.isDefault) return metric;
  const names = metric.labelNames.map((name) => labelNames.nameOf(name));
  return { ...metric, labelNames: names.toSorted() };
}

/** The methods with the names that `configureMetrics` gives to built-in labels. */
export function asReadersSeeAll(
  runtime: Runtime,
  methods: readonly DeclaredMethod[],
): DeclaredMethod[] {
  return methods.map((method) => ({
    ...method,
    metrics: method.metrics.map((metric) => asReadersSee(runtime, metric)),
  }));
}

function addDeclared(
  runtime: Runtime,
  declared: DeclaredMetric[],
  target: object,
  className: string,
): void {
  const declaration = findDeclaration(target);
  if (declaration === undefined) return;
  for (const method of declaration.methods) {
    const { plan, specs } = method;
    const service = plan.ready ? plan.service : declaration.serviceName(className);
    for (const spec of specs) {
      const metric = shownMetric(runtime, method, spec, service, className);
      if (metric !== null) declared.push(metric);
    }
  }
}

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

/**
 * Lists every method that has series in this process, ordered by service and method. The live page, dashboards, rules and
 * `list` show these. A class that was loaded again appears once, in its newest version.
 */
export function declaredMethods(runtime: Runtime): DeclaredMethod[] {
  const found = new Map<string, Writable<DeclaredMethod> & { metrics: DeclaredMetric[] }>();
  const failedRequests = runtime.settings.prefix + CATALOGUE.failedRequests.name;
  for (const declaration of declarationsOf(runtime).methods.values()) {
    const { method, declaringClass, objective, plan, specs } = declaration;
    const { policy } = runtime.settings;
    const anomalies = policy.anomaliesOf(plan.service, method);
    const declaredBy = declaringClass?.name ?? '';
    for (const spec of specs) {
      const shown = shownMetric(runtime, declaration, spec, plan.service, declaredBy);
      if (shown === null) continue;
      const key = JSON.stringify([shown.service, shown.method]);
      let entry = found.get(key);
      if (entry === undefined) {
        entry = {
          service: shown.service,
          method: shown.method,
          declaredBy,
          metrics: [],
          failedRequests,
          objective,
          ...(anomalies !== null && { anomalies }),
        };
        found.set(key, entry);
      }
      addMetric(entry, shown);
      const isSummed = shown.service !== plan.service || shown.method !== method;
      // Methods whose label a rule drops are one method, which has the objective that all of them have.
      if (isSummed && JSON.stringify(entry.objective) !== JSON.stringify(objective)) {
        entry.objective = null;
      }
    }
  }
  for (const each of servedMethodsOf(runtime)) {
    const served = withPolicy(runtime, each);
    const key = JSON.stringify([each.service, each.method]);
    if (served !== null && !found.has(key))
      found.set(key, { ...served, metrics: [...served.metrics] });
  }
  return [...found.values()].toSorted(
    (a, b) => compareCodeUnits(a.service, b.service) || compareCodeUnits(a.method, b.method),
  );
}

/** Adds a metric to a method, unless a method with which a rule sums it has added it. */
function addMetric(entry: { readonly metrics: DeclaredMetric[] }, metric: DeclaredMetric): void {
  const isKnown = ({ kind, name, method }: DeclaredMetric): boolean =>
    kind === metric.kind && name === metric.name && (method === '' || metric.service === '');
  if (!entry.metrics.some(isKnown)) entry.metrics.push(metric);
}

/** A metric as the rules leave it. Null if they exclude it. A dropped label is the same as an empty one. */
function shownMetric(
  runtime: Runtime,
  declaration: MethodDeclaration,
  spec: MetricSpec,
  service: string,
  className: string,
): DeclaredMetric | null {
  const metric = describeMetric(runtime, declaration, spec, service, className);
  const { method } = declaration;
  const ruling = runtime.settings.policy.rulingOfMethod(spec.name, { service, method });
  if (ruling === null) return metric;
  if (ruling.isExcluded) return null;
  const { buckets, dropped, native } = ruling;
  const { native: nativeInCode, ...others } = metric;
  const isHistogram = spec.type === 'histogram';
  return {
    ...others,
    service: dropped.includes(LABEL.service) ? '' : service,
    method: dropped.includes(LABEL.method) ? '' : method,
    labelNames: metric.labelNames.filter((name) => !dropped.includes(name)),
    labels: Object.fromEntries(
      Object.entries(metric.labels).filter(([name]) => !dropped.includes(name)),
    ),
    ...(isHistogram && buckets !== null && { buckets }),
    ...(isHistogram && (native ?? nativeInCode) === true && { native: true }),
  };
}

/** Compares two texts by code unit, so that their order does not depend on the locale. */
function compareCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
