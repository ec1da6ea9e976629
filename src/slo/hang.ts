/** A call in progress for this many times its latency bound hangs. */
const HANG_FACTOR = 20;

/** Seconds after which a call hangs, given its latency bound. No call hangs before `shortest` seconds. */
export function hangAge(bound: number, shortest: number): number {
  return Math.max(shortest, HANG_FACTOR * bound);
}
