import type { Labels } from './labels';

/** A pointer from a bucket or a counter to the trace of one call that it counts. */
export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** Where the labels of exemplars come from. */
export interface ExemplarSource {
  /** Returns the labels for the call that is being recorded, or null if it has none. Null: no exemplars are recorded. */
  labels: (() => Labels | null) | null;
}

/** The exemplar for the call that is being recorded, or null if it has none. */
export function takeExemplar(source: ExemplarSource, value: number): Exemplar | null {
  const labels = source.labels === null ? null : source.labels();
  return labels === null ? null : { labels, value, timestamp: Date.now() / 1000 };
}

/** The newer of two exemplars, or the only one there is. */
export function newerExemplar(one: Exemplar | null, other: Exemplar | null): Exemplar | null {
  if (one === null || other === null) return one ?? other;
  return other.timestamp > one.timestamp ? other : one;
}
