import { performance } from 'node:perf_hooks';
import timers = require('node:timers');

// Everything of Node.js that measures or waits, read at import. The fake timers of test runners replace it on the global
// object, on `process` and in `node:timers` later, and a scrape that waited for a fake timer would never end. Jest can also
// replace it before: `node:timers` and the real process are out of its reach.

const realProcess = process.getBuiltinModule?.('node:process') ?? process;

/**
 * The monotonic clock. On Node 20, `process.hrtime()` takes 40 ns, `performance.now()` 48 ns, and `process.hrtime.bigint()`
 * 80 ns.
 */
export const now: () => [number, number] = realProcess.hrtime;

/** Milliseconds on a monotonic clock that starts with the process. */
export const milliseconds: () => number = performance.now.bind(performance);

/** When this thread started, in milliseconds since 1970. */
const { timeOrigin } = performance;

/** The current time for `startedAt` of a cell: whole milliseconds since the thread started, which V8 stores without a box. */
export function cellTime(): number {
  return Math.round(milliseconds());
}

/** Converts {@link cellTime} to seconds since 1970, with milliseconds. */
export function unixTimeOf(time: number): number {
  return Math.round(timeOrigin + time) / 1000;
}

/** Converts seconds since 1970 to {@link cellTime}. It is negative before the thread started. */
export function cellTimeOf(unixTime: number): number {
  return Math.round(unixTime * 1000 - timeOrigin);
}

/** Milliseconds since 1970. */
export const wallClock: () => number = Date.now;

export const {
  setTimeout: startTimeout,
  clearTimeout: stopTimeout,
  setInterval: startInterval,
  clearInterval: stopInterval,
  setImmediate: runSoon,
} = timers;

// Module state: nothing writes to it.
/** The start time of a call whose duration is not measured. */
export const UNTIMED: [number, number] = [0, 0];

/** Whether a start time is `UNTIMED`, of this copy of the package or of another one in the process. */
export function isUntimed([seconds, nanoseconds]: readonly [number, number]): boolean {
  return seconds === 0 && nanoseconds === 0;
}

export function secondsSince(start: [number, number]): number {
  return secondsBetween(start, now());
}

export function secondsBetween(start: [number, number], end: [number, number]): number {
  return end[0] - start[0] + (end[1] - start[1]) / 1e9;
}
