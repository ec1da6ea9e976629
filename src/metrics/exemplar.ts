import { wallClock } from './clock';
import type { Labels } from './labels';

/** Points from a bucket or a counter to the trace of one call that it has counted. */
export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** The source of the labels of exemplars. */
export interface ExemplarSource {
  /** Returns the labels for the call that is being recorded, or null if it has none. Null disables exemplars. */
  labels: (() => Labels | null) | null;
}

/** Creates the exemplar for the call that is being recorded. Returns null if the call has none. */
export function takeExemplar(source: ExemplarSource, value: number): Exemplar | null {
  const labels = source.labels === null ? null : source.labels();
  return labels === null ? null : { labels, value, timestamp: wallClock() / 1000 };
}

/** Returns the newer of two exemplars, or the one that is not null. */
export function newerExemplar(one: Exemplar | null, other: Exemplar | null): Exemplar | null {
  if (one === null || other === null) return one ?? other;
  return other.timestamp > one.timestamp ? other : one;
}
