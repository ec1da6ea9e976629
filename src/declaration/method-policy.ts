import { CATALOGUE } from '../metrics/catalogue';
import { definePart, type Runtime } from '../runtime/runtime';
import { declarationsOf } from './declarations';
import type { MethodDeclaration } from './method';
import { effectiveObjective } from './objective-check';

const LOOP_METRICS = [CATALOGUE.eventLoop.name, CATALOGUE.eventLoopLongest.name] as const;

/** Applies changes of the rules to every method that has a service. Creating the part subscribes to them, once. */
const watchOf = definePart('declaration.policy', (runtime) => {
  runtime.families.whenPolicyChanges.push(() => {
    for (const method of declarationsOf(runtime).reachable()) apply(runtime, method);
  });
  return true;
});

/** Applies the rules to a method with a service, now and whenever they change. */
export function applyPolicy(runtime: Runtime, declaration: MethodDeclaration): void {
  watchOf(runtime);
  apply(runtime, declaration);
}

/** Closes the gate of a method if the rules exclude all that its calls write to, and sets what else they decide about its plan. */
function apply(runtime: Runtime, declaration: MethodDeclaration): void {
  const { gate, loop, method, plan } = declaration;
  const { policy } = runtime.settings;
  const { service } = plan;
  const areExcluded = (metrics: readonly string[]): boolean =>
    !policy.isEmpty && metrics.every((name) => policy.isExcluded(name, { service, method }));
  plan.loop = areExcluded(LOOP_METRICS) ? null : loop;
  gate.exclude(areExcluded(metricsOf(declaration)));
  declaration.objective = effectiveObjective(runtime, declaration);
}

/** What the calls of a method write to: the declared metrics, and those that come with them, such as the age of calls. */
function metricsOf({ specs, series }: MethodDeclaration): string[] {
  return [...specs.map(({ name }) => name), ...series.map(({ family }) => family.baseName)];
}
