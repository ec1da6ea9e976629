import type { Runtime } from '../runtime/runtime';
import { namedMetric, registryContents } from './contents';
import { areKnown, selectedNames } from './metric-filter';
import { peerGroupOf } from './workers/peer-group';

/**
 * Returns what a render of these names selects: the names of metrics, sorted, or undefined for all. So requests that differ
 * only in names that no metric has can share a render.
 *
 * With workers, the metrics are those of the latest reports. If one of the names is not among them, a new round of reports
 * shows whether a worker has it by now. Requests that come during a round share the next one.
 */
export async function requestedMetrics(
  runtime: Runtime,
  names: readonly string[],
): Promise<readonly string[] | undefined> {
  const group = peerGroupOf(runtime);
  await group.discover();
  const own = registryContents(runtime).entries.map(namedMetric);
  if (!group.hasPeers()) return selectedNames(own, names);
  let metrics = [...own, ...(await group.names.of(group.latest()))];
  if (!areKnown(metrics, names)) {
    metrics = [...own, ...(await group.names.of(await group.collect()))];
  }
  // Never all: a metric that appears meanwhile was not requested.
  return [...new Set(selectedNames(metrics, names) ?? metrics.map(({ name }) => name))].toSorted();
}
