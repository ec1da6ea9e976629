import type { FamilyView } from '../../metrics/family';
import type { MetricValues } from '../../metrics/registry-metric';
import { registryContents } from '../contents';
import { Slice } from '../pace';
import { encodeFamilies } from './family-code';
import { aggregate, FamilySum } from './family-sum';
import { peers } from './peer-group';
import { collectForeign, readForeign } from './user-metrics-code';

export interface SumOfAll {
  /** Those of this package. */
  readonly families: readonly FamilyView[];
  /** Metrics of the program. */
  readonly foreign: readonly MetricValues[];
}

/**
 * The metrics that are wanted, summed over this process and its workers. Default labels are in the labels of the
 * series: each worker has its own.
 */
export async function sumOfAll(
  deadline: number,
  isWanted: (metric: { name: string; type: string }) => boolean,
): Promise<SumOfAll> {
  const own = registryContents();
  const [ownForeign, others] = await Promise.all([
    collectForeign(own, deadline, isWanted),
    peers.collect(),
  ]);
  const slice = new Slice();
  const sum = new FamilySum(isWanted);
  for (const families of encodeFamilies(own.families, own.defaultLabels)) {
    for (const family of families) sum.add(family);
    // oxlint-disable-next-line no-await-in-loop -- a rest is meant to hold the loop
    if (slice.isOver()) await slice.rest();
  }
  for (const body of others.flatMap(({ families }) => families)) {
    sum.addBody(body);
    // oxlint-disable-next-line no-await-in-loop -- as above
    if (slice.isOver()) await slice.rest();
  }
  const foreign = [
    ...ownForeign,
    ...others.flatMap((values) => values.foreign).flatMap(readForeign),
  ];
  return {
    families: sum.families,
    foreign: await aggregate(foreign.filter(isApart), slice),
  };

  function isApart(metric: MetricValues): boolean {
    if (sum.has(metric.name)) {
      sum.refuse(metric.name, 'is of this package in one process and not in another');
      return false;
    }
    return isWanted(metric);
  }
}
