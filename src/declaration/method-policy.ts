import { definePart, type Runtime } from '../runtime/runtime';
import { declarationsOf } from './declarations';
import type { MethodDeclaration } from './method';
import { effectiveObjective } from './objective-check';

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

/** Closes the gate of a method if the rules exclude all its metrics, and sets its objective. */
function apply(runtime: Runtime, declaration: MethodDeclaration): void {
  const { gate, method, plan, specs } = declaration;
  const { policy } = runtime.settings;
  const { service } = plan;
  gate.exclude(
    !policy.isEmpty && specs.every(({ name }) => policy.isExcluded(name, { service, method })),
  );
  declaration.objective = effectiveObjective(runtime, declaration);
}
