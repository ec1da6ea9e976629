import type { Labels } from './labels';

/** A pointer from a bucket or a count to the trace of one call that is in it. */
export interface Exemplar {
  readonly labels: Labels;
  readonly value: number;
  /** Seconds since 1970. */
  readonly timestamp: number;
}

/** Where exemplars come from. Shared by all copies of this package, as the state is. */
export interface ExemplarSource {
  /** Labels for the call that is being recorded, if it has any. Null while none are wanted. Must not throw. */
  labels: (() => Labels | null) | null;
}

const KEY = Symbol.for('thrift-metrics.exemplars.1');

const holder = globalThis as { [KEY]?: ExemplarSource };

export const exemplars: ExemplarSource = (holder[KEY] ??= { labels: null });

/** The exemplar of the call that is being recorded, if there is one. */
export function currentExemplar(value: number): Exemplar | null {
  const labels = exemplars.labels === null ? null : exemplars.labels();
  return labels === null ? null : { labels, value, timestamp: Date.now() / 1000 };
}

/** The newer of two, where there are any. */
export function newerExemplar(one: Exemplar | null, other: Exemplar | null): Exemplar | null {
  if (one === null || other === null) return one ?? other;
  return other.timestamp > one.timestamp ? other : one;
}
