import { newerExemplar, type Exemplar } from './exemplar';
import type { HistogramCell } from './cell';

/**
 * Adds the observations of another process. If the buckets differ, only the bounds that both cells have remain, because their
 * sums are exact. Native buckets remain if both cells have them. A cell without observations changes nothing.
 *
 * @param share returns the same array for equal bounds, because writers cache the text of each array
 */
export function mergeHistograms(
  into: HistogramCell,
  other: HistogramCell,
  share: (bounds: readonly number[]) => readonly number[] = (bounds) => bounds,
): void {
  into.startedAt = Math.min(into.startedAt, other.startedAt);
  if (other.count() === 0) return;
  if (into.count() === 0) {
    const { bounds, counts, sum, native, exemplars, errorTypes } = other;
    Object.assign(into, { bounds, counts, sum, native, exemplars, errorTypes });
    return;
  }
  const bounds = share(commonBounds(into.bounds, other.bounds));
  coarsen(into, bounds);
  coarsen(other, bounds);
  into.counts = into.counts.map((count, i) => count + (other.counts[i] as number));
  into.sum += other.sum;
  // Native buckets of only one cell would contradict the count.
  if (into.native === null || other.native === null) into.native = null;
  else into.native.merge(other.native);
  into.exemplars = newest(into.exemplars, other.exemplars);
  mergeErrorTypes(into, other);
}

function mergeErrorTypes(into: HistogramCell, { errorTypes }: HistogramCell): void {
  if (errorTypes === null) return;
  into.errorTypes ??= new Map();
  for (const [type, part] of errorTypes) {
    const existing = into.errorTypes.get(type);
    if (existing === undefined) into.errorTypes.set(type, part);
    else mergeHistograms(existing, part);
  }
}

type Exemplars = HistogramCell['exemplars'];

function newest(one: Exemplars, other: Exemplars): Exemplars {
  if (one === null || other === null) return one ?? other;
  const length = Math.max(one.length, other.length);
  return Array.from({ length }, (_, i) => newer(one[i], other[i]));
}

function newer(one: Exemplar | undefined, other: Exemplar | undefined): Exemplar | undefined {
  return newerExemplar(one ?? null, other ?? null) ?? undefined;
}

/** Merges buckets until only these bounds remain. The cell must have all of them. */
function coarsen(cell: HistogramCell, bounds: readonly number[]): void {
  const { bounds: before, counts, exemplars } = cell;
  if (before.length === bounds.length) return;
  cell.bounds = bounds;
  cell.counts = [...bounds, Infinity].map(() => 0);
  cell.exemplars = exemplars === null ? null : [];
  let at = 0;
  counts.forEach((count, i) => {
    while (at < bounds.length && (before[i] ?? Infinity) > (bounds[at] as number)) at++;
    cell.counts[at] = (cell.counts[at] as number) + count;
    const exemplar = newer(cell.exemplars?.[at], exemplars?.[i]);
    if (cell.exemplars !== null && exemplar !== undefined) cell.exemplars[at] = exemplar;
  });
}

function commonBounds(one: readonly number[], other: readonly number[]): readonly number[] {
  if (one === other) return one;
  const shared = new Set(other);
  return one.filter((bound) => shared.has(bound));
}
