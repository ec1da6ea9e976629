import type { FamilyView } from '../../metrics/family';
import type { LabelNames } from '../../metrics/label-names';
import type { MetricValues } from '../../metrics/registry-metric';
import type { Runtime } from '../../runtime/runtime';
import { registryContents, type RegistryContents } from '../contents';
import type { MetricFilter } from '../metric-filter';
import { TimeBudget } from '../../runtime/time-budget';
import { encodeFamilies } from './encoded-family';
import { decodeUserMetrics } from './encoded-user-metric';
import { FamilySum } from './family-sum';
import { peerGroupOf } from './peer-group';
import { collectSummable, sumUserMetrics } from './user-metric-sum';

/** Metrics summed over this process and its workers. */
export interface SummedMetrics {
  /** Families of this package. */
  readonly families: readonly FamilyView[];
  readonly userMetrics: readonly MetricValues[];
  /** The names under which readers see built-in labels: those of this process, or else of a worker. */
  readonly labelNames: LabelNames;
}

/** Returns the contents of a process whose metrics are part of the reports. */
function noContents({ settings }: Runtime): RegistryContents {
  return {
    entries: [],
    families: [],
    userMetrics: [],
    defaultLabels: {},
    familyLabels: {},
    labelNames: settings.labelNames,
  };
}

/**
 * Sums the wanted metrics over this process and its workers. Series include the default labels, because each worker has
 * its own. A user's metric of this process may take `deadline` milliseconds.
 *
 * @param budget shows the caller for how long the sum held the event loop
 * @throws {@link ThriftMetricsError} `TM_ERR_NO_SUM` if another process has the sum and does not answer
 */
export async function sumOverWorkers(
  runtime: Runtime,
  deadline: number,
  isWanted: MetricFilter,
  budget = new TimeBudget(),
): Promise<SummedMetrics> {
  const group = peerGroupOf(runtime);
  const own = group.hasSuperior() ? noContents(runtime) : registryContents(runtime);
  const [ownUserMetrics, workers] = await Promise.all([
    collectSummable(runtime.faults, own, deadline, isWanted),
    group.collect(),
  ]);
  budget.restart();
  const sum = new FamilySum(runtime.faults, isWanted);
  for (const families of encodeFamilies(own.families, own.familyLabels, own.labelNames)) {
    for (const family of families) sum.add(family);
    // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
    if (budget.isSpent()) await budget.yield();
  }
  for (const body of workers.flatMap(({ families }) => families)) {
    sum.addBody(body);
    // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
    if (budget.isSpent()) await budget.yield();
  }
  const userMetrics = [...ownUserMetrics];
  for (const body of workers.flatMap((values) => values.userMetrics)) {
    userMetrics.push(...decodeUserMetrics(runtime.faults, body));
    // oxlint-disable-next-line no-await-in-loop -- the loop continues after the yield
    if (budget.isSpent()) await budget.yield();
  }
  const wanted = userMetrics.filter(
    (metric) => !sum.refuseUserMetric(metric.name) && isWanted(metric),
  );
  return {
    families: sum.families(),
    userMetrics: await sumUserMetrics(runtime, wanted, budget),
    labelNames: own.labelNames.isDefault ? sum.labelNames : own.labelNames,
  };
}
