/** The lower bounds of the latency classes whose calls are kept, in seconds. */
export const SLOW_FROM = [0.01, 0.1, 1, 10] as const;

/** The slowness of a call that is too fast to be kept. */
export const FAST = 0;

const CLASS_BITS = 3;

/** Keeps a second in 24 bits, which repeat after half a year. */
const SECONDS = 0xff_ff_ff;

/**
 * The slowness of a call as one small integer, which functions can return without an allocation: its latency class, and the
 * second in which it ended.
 */
export function slownessOf(start: [number, number], duration: number): number {
  if (!(duration >= SLOW_FROM[0])) return FAST;
  const level =
    duration < SLOW_FROM[1] ? 1 : duration < SLOW_FROM[2] ? 2 : duration < SLOW_FROM[3] ? 3 : 4;
  return ((secondAfter(start, duration) & SECONDS) << CLASS_BITS) | level;
}

/** The position of the latency class in {@link SLOW_FROM}. */
export function latencyClassOf(slowness: number): number {
  return (slowness & ((1 << CLASS_BITS) - 1)) - 1;
}

/** The second in which a slow call ended, to be compared with others of a few minutes. */
export function endSecondOf(slowness: number): number {
  return slowness >> CLASS_BITS;
}

/** The second of the monotonic clock that is `duration` seconds after `start`. */
function secondAfter([second, nanoseconds]: [number, number], duration: number): number {
  return Math.floor(second + nanoseconds / 1e9 + duration);
}
