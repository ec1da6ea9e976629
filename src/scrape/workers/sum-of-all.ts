import type { FamilyView } from '../../metrics/family';
import type { MetricValues } from '../../metrics/registry-metric';
import type { Runtime } from '../../runtime/runtime';
import { registryContents } from '../contents';
import { TimeBudget } from '../time-budget';
import { encodeFamilies } from './family-code';
import { aggregate, FamilySum } from './family-sum';
import { peerGroupOf } from './peer-group';
import { collectUserMetrics, readUserMetrics } from './user-metric-code';

export interface SumOfAll {
  /** Those of this package. */
  readonly families: readonly FamilyView[];
  /** Metrics of the program. */
  readonly userMetrics: readonly MetricValues[];
}

/**
 * The metrics that are wanted, summed over this process and its workers. Default labels are in the labels of the
 * series: each worker has its own.
 */
export async function sumOfAll(
  runtime: Runtime,
  deadline: number,
  isWanted: (metric: { name: string; type: string }) => boolean,
): Promise<SumOfAll> {
  const own = registryContents(runtime);
  const [ownUserMetrics, others] = await Promise.all([
    collectUserMetrics(runtime.faults, own, deadline, isWanted),
    peerGroupOf(runtime).collect(),
  ]);
  const budget = new TimeBudget();
  const sum = new FamilySum(runtime.faults, isWanted);
  for (const families of encodeFamilies(own.families, own.defaultLabels)) {
    for (const family of families) sum.add(family);
    // oxlint-disable-next-line no-await-in-loop -- yielding is meant to hold the loop
    if (budget.isSpent()) await budget.yield();
  }
  for (const body of others.flatMap(({ families }) => families)) {
    sum.addBody(body);
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (budget.isSpent()) await budget.yield();
  }
  const userMetrics = [
    ...ownUserMetrics,
    ...others
      .flatMap((values) => values.userMetrics)
      .flatMap((body) => readUserMetrics(runtime.faults, body)),
  ];
  return {
    families: sum.families,
    userMetrics: await aggregate(runtime, userMetrics.filter(isApart), budget),
  };

  function isApart(metric: MetricValues): boolean {
    if (sum.has(metric.name)) {
      sum.refuse(metric.name, 'is of this package in one process and not in another');
      return false;
    }
    return isWanted(metric);
  }
}
