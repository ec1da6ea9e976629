import { performance } from 'node:perf_hooks';
import timers = require('node:timers');

// Everything of Node.js that measures or waits, read at import. The fake timers of test runners replace it on the global
// object, on `process` and in `node:timers`, and a scrape that waited for a fake timer would never end. They may do so before
// this import: Jest for every test file, Vitest and Sinon in a setup file. `node:timers` and the real process are out of the
// reach of Jest, and the other two keep the original.

/** Returns the function that a fake of `@sinonjs/fake-timers`, which Vitest uses, has replaced. */
function original<T>(current: T, name: string): T {
  const { clock } = current as { readonly clock?: Readonly<Record<string, unknown>> };
  const replaced = clock?.[`_${name}`];
  return typeof replaced === 'function' ? (replaced as T) : current;
}

const realProcess = process.getBuiltinModule?.('node:process') ?? process;

/**
 * The monotonic clock. On Node 20, `process.hrtime()` takes 40 ns, `performance.now()` 48 ns, and `process.hrtime.bigint()`
 * 80 ns.
 */
export const now: () => [number, number] = original(realProcess.hrtime, 'hrtime');

/** Milliseconds on a monotonic clock that starts with the process. */
export const milliseconds: () => number = performance.now.bind(performance);

/** How long the event loop of this thread has been busy and idle. Bun and Deno do not have it in every version. */
export const eventLoopUtilization: typeof performance.eventLoopUtilization | null =
  performance.eventLoopUtilization?.bind(performance) ?? null;

/** When this thread started, in milliseconds since 1970. */
const { timeOrigin } = performance;

/** The current time for `startedAt` of a cell: whole milliseconds since the thread started, which V8 stores without a box. */
export function cellTime(): number {
  return Math.round(milliseconds());
}

/** The current {@link cellTime}, but later than `before`, so that each reset of a cell has a start time of its own. */
export function cellTimeAfter(before: number): number {
  return Math.max(cellTime(), before + 1);
}

/** Converts {@link cellTime} to seconds since 1970, with milliseconds. */
export function unixTimeOf(time: number): number {
  return Math.round(timeOrigin + time) / 1000;
}

/** Converts seconds since 1970 to {@link cellTime}. It is negative before the thread started. */
export function cellTimeOf(unixTime: number): number {
  return Math.round(unixTime * 1000 - timeOrigin);
}

const RealDate = original(Date, 'Date');

/** Milliseconds since 1970. */
export const wallClock: () => number = RealDate.now;

/** Writes milliseconds since 1970 as `2026-11-29T20:15:00.000Z`. */
export function isoTime(time: number): string {
  return new RealDate(time).toISOString();
}

export const startTimeout = original(timers.setTimeout, 'setTimeout');
export const stopTimeout = original(timers.clearTimeout, 'clearTimeout');
export const startInterval = original(timers.setInterval, 'setInterval');
export const stopInterval = original(timers.clearInterval, 'clearInterval');
export const runSoon = original(timers.setImmediate, 'setImmediate');

/** Runs a function after the current one, before anything that waits in the event loop. */
export const runNext = original(queueMicrotask, 'queueMicrotask');

/** Resolves after `duration` milliseconds. */
export function delay(duration: number): Promise<void> {
  return new Promise((resolve) => void startTimeout(resolve, duration));
}

// Module state: nothing writes to it.
/** The start time of a call whose duration is not measured. */
export const UNTIMED: [number, number] = [0, 0];

/** Whether a start time is `UNTIMED`, of this copy of the package or of another one in the process. */
export function isUntimed(start: readonly [number, number]): boolean {
  return start[0] === 0 && start[1] === 0;
}

/** Seconds of the monotonic clock at a time that {@link now} has returned. */
export function inSeconds(time: readonly [number, number]): number {
  return time[0] + time[1] / 1e9;
}

export function secondsSince(start: [number, number]): number {
  return secondsBetween(start, now());
}

/** Whole nanoseconds, whose sums are exact. */
export function nanosecondsBetween(start: [number, number], end: [number, number]): number {
  return (end[0] - start[0]) * 1e9 + (end[1] - start[1]);
}

export function secondsBetween(start: [number, number], end: [number, number]): number {
  return nanosecondsBetween(start, end) / 1e9;
}
