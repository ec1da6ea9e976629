/** A call in progress for this many times its latency bound hangs. */
const HANG_FACTOR = 20;

/** Seconds after which a call hangs, given its latency bound. No call hangs before `shortest` seconds. */
export function hangAge(bound: number, shortest: number): number {
  return Math.max(shortest, HANG_FACTOR * bound);
}

/** Seconds before which a call does not hang: one look may see a call that the next does not. */
const SHORTEST_HANG = 2;

/** Seconds after which a call hangs if nothing shows how long calls of the method take. */
const UNKNOWN_HANG_AGE = 60;

/** What shows how long calls of a method usually take, in seconds. */
interface UsualLatency {
  /** Bound of the latency objective. */
  readonly latencyBound: number | null;
  /** The 99th percentile over a long time. */
  readonly p99: number | null;
  /** Last bound of the histogram. */
  readonly highestBound: number | null;
}

/**
 * Seconds after which a call of a method that somebody watches hangs. Without a latency objective, it hangs when it takes far
 * longer than nearly all others, or, if none has settled, longer than its histogram can tell.
 */
export function watchedHangAge({ latencyBound, p99, highestBound }: UsualLatency): number {
  const usual = latencyBound ?? p99;
  return usual === null ? (highestBound ?? UNKNOWN_HANG_AGE) : hangAge(usual, SHORTEST_HANG);
}
