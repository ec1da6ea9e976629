import type { Plan } from '../recording/plan';
import type { Runtime } from '../runtime/runtime';
import type { MethodDeclaration } from './method';

/**
 * Makes the next call of any declared method put the families back into the registry, which was cleared. The plans are not
 * ready until then, so that a call does not have to look at the registry.
 */
export function noticeAtNextCall(runtime: Runtime, methods: Iterable<MethodDeclaration>): void {
  const paused: { plan: Plan; prepare: Plan['prepare'] }[] = [];
  const prepare = (): boolean => {
    for (const each of paused.splice(0)) {
      const { plan } = each;
      plan.prepare = each.prepare;
      plan.ready = true;
      plan.isPlain = !plan.needsCall;
    }
    try {
      runtime.families.follow();
    } catch (error) {
      runtime.faults.report('registry', error);
    }
    return true;
  };
  for (const { plan } of methods) {
    if (!plan.ready) continue;
    paused.push({ plan, prepare: plan.prepare });
    plan.ready = false;
    plan.isPlain = false;
    plan.prepare = prepare;
  }
}
