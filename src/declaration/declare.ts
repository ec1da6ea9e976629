import { type Method, wrap } from '../recording/wrap';
import type { Runtime } from '../runtime/runtime';
import { ThriftMetricsError } from '../validation/errors';
import { bind } from './bind';
import { ClassDeclaration, declarationOf } from './class';
import { bindAtCall, bindAtInitialization } from './class-binding';
import { declarationsOf } from './declarations';
import type { MethodUse } from './dialect';
import { copyMetadata } from './metadata';
import { MethodDeclaration } from './method';
import type { MetricSpec } from './metric-spec';
import { applyObjective } from './objective-check';

/** Declares metrics on a method under decoration. Returns the result for the decorator to return. */
export function declareOnMethod(
  runtime: Runtime,
  use: MethodUse,
  specs: readonly MetricSpec[],
): unknown {
  if (use.dialect === 'legacy') {
    const { declaringClass } = use;
    const declaration = declarationOf(declaringClass);
    use.descriptor.value = addMetrics(runtime, use, declaringClass, declaration, specs);
    const service = declaration.serviceName(declaringClass.name);
    for (const method of declaration.of(use.key, use.isStatic)) bind(runtime, method, service);
    return use.descriptor;
  }
  const { context } = use;
  const declaration = pendingDeclaration(runtime, use);
  const before = declaration.methods.length;
  const wrapper = addMetrics(runtime, use, null, declaration, specs);
  declarationsOf(runtime).pending.set(wrapper, declaration);
  for (const method of declaration.methods.slice(before)) {
    context.addInitializer(function (this: unknown) {
      bindAtInitialization(runtime, method, this);
    });
    method.plan.prepare = (self) => bindAtCall(runtime, method, self);
  }
  return wrapper;
}

/**
 * Finds or creates the declaration of a class that is being evaluated. Without `context.metadata`, each method has its own
 * declaration until its class is known.
 */
export function pendingDeclaration(
  runtime: Runtime,
  { value, context }: MethodUse & { dialect: 'standard' },
): ClassDeclaration {
  const metadata = context.metadata as object | undefined;
  if (metadata !== undefined) return declarationOf(metadata);
  return declarationsOf(runtime).pending.get(value) ?? new ClassDeclaration();
}

/** Declares metrics on a method of an existing class prototype, class, or handler object, and replaces it by its wrapper. */
export function declareOnProperty(
  runtime: Runtime,
  target: object,
  declaringClass: { readonly name: string },
  declaration: ClassDeclaration,
  key: PropertyKey,
  isStatic: boolean,
  specs: readonly MetricSpec[],
): void {
  const descriptor = Reflect.getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
  const value = descriptor.value as Method;
  const wrapper = addMetrics(runtime, { value, key, isStatic }, declaringClass, declaration, specs);
  if (wrapper !== value) Object.defineProperty(target, key, { ...descriptor, value: wrapper });
}

/**
 * Adds metrics to the declaration of a method, and returns its wrapper. A wrapper records at most one metric of each kind, so
 * a second one of the same kind gets a wrapper around the existing wrapper.
 */
function addMetrics(
  runtime: Runtime,
  { value, key, isStatic }: { value: Method; key: PropertyKey; isStatic: boolean },
  declaringClass: { readonly name: string } | null,
  declaration: ClassDeclaration,
  specs: readonly MetricSpec[],
): Method {
  const { wrappers, inner } = declarationsOf(runtime);
  const earlier = declaration.of(key, isStatic);
  // Only the outermost function can be shared. A wrapper below another library's would miss the calls that one answers.
  const shared = earlier.find(
    (method) =>
      wrappers.get(value) === method &&
      !method.specs.some((had) => specs.some((spec) => spec.kind === had.kind)),
  );
  const original = shared?.original ?? value;
  const method = shared ?? new MethodDeclaration(runtime, key, isStatic, original);
  method.declaringClass ??= declaringClass;
  for (const { name } of specs) {
    if (earlier.some((other) => other.specs.some((spec) => spec.name === name))) {
      throw new ThriftMetricsError(
        'TM_ERR_DECLARED_TWICE',
        `${method.location}: metric '${name}' is declared twice on this method. Remove one of the decorators, or give one of them another name.`,
      );
    }
  }
  for (const spec of specs) runtime.userLabels.add(labelsOf(spec), method.location);
  for (const { name, type, help } of specs) runtime.families.ensure(name, type, help, method);
  method.specs.push(...specs);
  if (method !== shared) {
    declaration.methods.push(method);
    const [first] = earlier;
    if (first !== undefined) {
      first.wrappers.push(method);
      method.wrappers = first.wrappers;
    }
  }
  applyObjective(runtime, declaration, method);
  const needsCall = specs.some(dependsOnCall);
  if (method === shared && (method.needsCall || !needsCall)) return value;
  method.needsCall = needsCall;
  const wrapper = wrap(original, method.plan, needsCall, value);
  copyMetadata(value, wrapper);
  wrappers.set(wrapper, method);
  inner.set(wrapper, original);
  return wrapper;
}

/** The names of the labels that the program adds to a metric. */
export function labelsOf({ constantLabels, labelFunctions }: MetricSpec): string[] {
  return [...Object.keys(constantLabels), ...Object.keys(labelFunctions)];
}

/** Whether recording a metric needs the call itself, and not only its duration and error. */
export function dependsOnCall({ labelFunctions, failed }: MetricSpec): boolean {
  return failed !== null || Object.keys(labelFunctions).length > 0;
}
