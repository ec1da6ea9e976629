import { newerExemplar, type Exemplar } from './exemplar';
import type { HistogramCell } from './cell';

/**
 * Adds what another process has observed. Of different buckets those stay whose bound both have: at these the sum is
 * exact. Native buckets stay where both have some. Who has observed nothing has no say in either.
 */
export function mergeHistograms(into: HistogramCell, other: HistogramCell): void {
  if (other.count() === 0) return;
  if (into.count() === 0) {
    const { bounds, counts, sum, native, exemplars } = other;
    Object.assign(into, { bounds, counts, sum, native, exemplars });
    return;
  }
  const bounds = commonBounds(into.bounds, other.bounds);
  coarsen(into, bounds);
  coarsen(other, bounds);
  into.counts = into.counts.map((count, i) => count + (other.counts[i] as number));
  into.sum += other.sum;
  // With the observations of one only, they would contradict the count.
  if (into.native === null || other.native === null) into.native = null;
  else into.native.merge(other.native);
  into.exemplars = newest(into.exemplars, other.exemplars);
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

/** Puts buckets together until only these bounds are left, all of which the cell has. */
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

type Bounds = readonly number[];

/** One array for all series of two processes: writers keep the text of each array of bounds. */
const common = new WeakMap<Bounds, WeakMap<Bounds, Bounds>>();

function commonBounds(one: Bounds, other: Bounds): Bounds {
  if (one === other) return one;
  let ofOne = common.get(one);
  if (ofOne === undefined) common.set(one, (ofOne = new WeakMap()));
  let found = ofOne.get(other);
  if (found === undefined) {
    const shared = new Set(other);
    found = one.filter((bound) => shared.has(bound));
    // The very array where nothing is left out.
    if (found.length === one.length) found = one;
    ofOne.set(other, found);
  }
  return found;
}
