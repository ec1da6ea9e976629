/** The lower bounds of the latency classes whose calls are kept, in seconds. */
export const SLOW_FROM = [0.01, 0.1, 1, 10] as const;

/** The nanoseconds from which on a call is slow. */
export const SLOW = SLOW_FROM[0] * 1e9;

/** The position of the latency class in {@link SLOW_FROM}. */
export function latencyClassOf(seconds: number): number {
  return SLOW_FROM.findLastIndex((from) => seconds >= from);
}
