import type { Runtime } from '../../runtime/runtime';
import { TimeBudget } from '../../runtime/time-budget';
import { encodeFamilies } from './encoded-family';
import { decodeUserMetrics, encodeUserMetrics } from './encoded-user-metric';
import { FamilySum } from './family-sum';
import type { WorkerValues } from './peer';
import { sumUserMetrics } from './user-metric-sum';

/** Sums reports of workers that are gone. Values that only grow are kept, so that counters do not fall. */
export async function sumOfRetired(
  runtime: Runtime,
  parts: readonly WorkerValues[],
): Promise<WorkerValues> {
  const budget = new TimeBudget();
  const sum = new FamilySum(runtime.faults, isLasting);
  for (const body of parts.flatMap(({ families }) => families)) {
    sum.addBody(body);
    // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
    if (budget.isSpent()) await budget.yield();
  }
  sum.forgetWindows();
  const families: string[] = [];
  for (const encoded of encodeFamilies(sum.families(), {}, sum.labelNames)) {
    families.push(JSON.stringify(encoded));
    // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
    if (budget.isSpent()) await budget.yield();
  }
  const userMetrics = parts
    .flatMap((part) => part.userMetrics)
    .flatMap((body) => decodeUserMetrics(runtime.faults, body))
    .filter(isLasting);
  return {
    families,
    userMetrics: [...encodeUserMetrics(await sumUserMetrics(runtime, userMetrics, budget))],
  };
}

/** Whether the values of a worker that is gone are kept. */
function isLasting({ type }: { readonly type: string }): boolean {
  return type === 'counter' || type === 'histogram' || type === 'summary';
}
