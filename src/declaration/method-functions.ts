import type { Runtime } from '../runtime/runtime';
import { declarationsOf } from './declarations';

/** A function of the program that runs as a method of a service. */
export interface MethodFunction {
  readonly service: string;
  readonly method: string;
  /** The function inside of all wrappers of this package. */
  readonly run: Function;
}

/** Lists the functions behind all measured methods, as far as they are still in memory. */
export function methodFunctions(runtime: Runtime): MethodFunction[] {
  const declarations = declarationsOf(runtime);
  const found: MethodFunction[] = [];
  for (const { plan, original, measured } of declarations.reachable()) {
    let run = original ?? measured?.deref();
    for (let inner = run; inner !== undefined; inner = declarations.inner.get(inner)) run = inner;
    if (run !== undefined) found.push({ service: plan.service, method: plan.method, run });
  }
  return found;
}
