// The live page in the browser and `thrift-metrics top` both import this file, so it imports nothing.

/** A number, or null if it is unknown. */
type Figure = number | null;

/** The figures of a method or a client that decide how urgently it needs attention. */
export interface Urgency {
  /** Remaining error budget as a fraction. Below 0, an objective is missed. */
  readonly budget: Figure;
  /** Fraction of calls that failed in any way. */
  readonly failedRatio: Figure;
  /** Fraction of calls that count against an objective. */
  readonly badRatio: Figure;
  /** Failed calls per second. */
  readonly failedRate: Figure;
  /** Bad calls per second. */
  readonly badRate: Figure;
  /** Age of the oldest call in progress, in seconds. */
  readonly oldest: Figure;
  /** Seconds after which a call in progress hangs. */
  readonly hangAge: number;
  /** In seconds. */
  readonly p99: Figure;
  /** Bound of the latency objective, in seconds. */
  readonly latencyBound: Figure;
}

/** The fraction of calls that needs attention: bad calls, or failed ones where bad calls are unknown. */
export function troublingRatio({
  badRatio,
  failedRatio,
}: Pick<Urgency, 'badRatio' | 'failedRatio'>): Figure {
  return badRatio ?? failedRatio;
}

/** The calls per second that need attention, as in {@link troublingRatio}. */
export function troublingRate({
  badRate,
  failedRate,
}: Pick<Urgency, 'badRate' | 'failedRate'>): Figure {
  return badRate ?? failedRate;
}

export function missesObjective({ budget }: Pick<Urgency, 'budget'>): boolean {
  return budget !== null && budget < 0;
}

export function hangs({ oldest, hangAge }: Pick<Urgency, 'oldest' | 'hangAge'>): boolean {
  return oldest !== null && oldest >= hangAge;
}

/** Whether a method needs attention at all. */
export function isInTrouble(row: Urgency): boolean {
  return missesObjective(row) || (troublingRatio(row) ?? 0) > 0 || hangs(row);
}

/** Latency as a multiple of its bound, or null if it does not exceed it. */
export function againstBound({ p99, latencyBound }: Pick<Urgency, 'p99' | 'latencyBound'>): Figure {
  if (p99 === null || latencyBound === null || p99 <= latencyBound) return null;
  return p99 / latencyBound;
}

/**
 * Compares how urgently two methods need attention: a missed objective first, then failures per second, then calls that
 * hang, then latency against its bound, then latency. Returns a negative number if the first one is more urgent.
 */
export function compareUrgency(a: Urgency, b: Urgency): number {
  return (
    compareFigures(overspent(a), overspent(b)) ||
    compareFigures(troublingRate(a) ?? 0, troublingRate(b) ?? 0) ||
    compareFigures(hangTime(a), hangTime(b)) ||
    compareFigures(againstBound(a), againstBound(b)) ||
    compareFigures(a.p99, b.p99)
  );
}

/** The larger figure first, and unknown ones last. */
function compareFigures(a: Figure, b: Figure): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null);
  return b - a;
}

function overspent(row: Urgency): Figure {
  return missesObjective(row) ? -(row.budget as number) : null;
}

function hangTime(row: Urgency): Figure {
  return hangs(row) ? row.oldest : null;
}
