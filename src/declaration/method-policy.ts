import { CATALOGUE } from '../metrics/catalogue';
import { definePart, type Runtime } from '../runtime/runtime';
import { declarationsOf } from './declarations';
import type { MethodDeclaration } from './method';
import { effectiveObjective } from './objective-check';

const LOOP_METRICS = [CATALOGUE.eventLoop, CATALOGUE.eventLoopLongest] as const;

/** Applies changes of the rules to every method that has a service. */
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

/** Closes the gate of a method if the rules exclude all its metrics, and sets what else they decide about its plan. */
function apply(runtime: Runtime, declaration: MethodDeclaration): void {
  const { gate, loop, method, plan, specs } = declaration;
  const { policy } = runtime.settings;
  const { service } = plan;
  const areExcluded = (metrics: readonly { readonly name: string }[]): boolean =>
    !policy.isEmpty && metrics.every(({ name }) => policy.isExcluded(name, { service, method }));
  plan.loop = areExcluded(LOOP_METRICS) ? null : loop;
  gate.exclude(plan.loop === null && areExcluded(specs));
  declaration.objective = effectiveObjective(runtime, declaration);
}
