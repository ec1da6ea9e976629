import { newerExemplar, type Exemplar } from './exemplar';
import type { HistogramCell, HistogramShape } from './histogram-cell';
import type { HistogramStore } from './histogram-store';

/**
 * Adds the observations of another process. If the buckets differ, only the bounds that both cells have remain, because their
 * sums are exact. Native buckets remain if both cells have them. A cell without observations changes nothing.
 *
 * @param store has the shapes of the sums
 */
export function mergeHistograms(
  into: HistogramCell,
  other: HistogramCell,
  store: HistogramStore,
): void {
  into.startedAt = Math.min(into.startedAt, other.startedAt);
  if (other.count() === 0) return;
  if (into.count() === 0) {
    const { sum, native, exemplars, errorTypes } = other;
    into.setBuckets(other.shape, other.counts());
    Object.assign(into, { sum, native, exemplars, errorTypes });
    return;
  }
  if (into.bounds !== other.bounds) {
    const shape = store.shapeOf(commonBounds(into.bounds, other.bounds));
    coarsen(into, shape);
    coarsen(other, shape);
  }
  for (let i = 0; i <= into.bounds.length; i++) {
    into.setCount(i, into.countAt(i) + other.countAt(i));
  }
  into.sum += other.sum;
  // Native buckets of only one cell would contradict the count.
  if (into.native === null || other.native === null) into.native = null;
  else into.native.merge(other.native);
  into.exemplars = newest(into.exemplars, other.exemplars);
  mergeErrorTypes(into, other, store);
}

function mergeErrorTypes(
  into: HistogramCell,
  { errorTypes }: HistogramCell,
  store: HistogramStore,
): void {
  if (errorTypes === null) return;
  const merged = (into.errorTypes ??= new Map<string, HistogramCell>());
  for (const [type, part] of errorTypes) {
    const existing = merged.get(type);
    if (existing === undefined) merged.set(type, part);
    else mergeHistograms(existing, part, store);
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
function coarsen(cell: HistogramCell, shape: HistogramShape): void {
  const { bounds } = shape;
  const { bounds: before, exemplars } = cell;
  if (before.length === bounds.length) return;
  const counts = [...bounds, Infinity].map(() => 0);
  const kept: NonNullable<Exemplars> = [];
  let at = 0;
  cell.counts().forEach((count, i) => {
    while (at < bounds.length && (before[i] ?? Infinity) > (bounds[at] as number)) at++;
    counts[at] = (counts[at] as number) + count;
    const exemplar = newer(kept[at], exemplars?.[i]);
    if (exemplar !== undefined) kept[at] = exemplar;
  });
  cell.setBuckets(shape, counts);
  if (exemplars !== null) cell.exemplars = kept;
}

function commonBounds(one: readonly number[], other: readonly number[]): readonly number[] {
  const shared = new Set(other);
  return one.filter((bound) => shared.has(bound));
}
