// The package reads the clock and the timers at import, so that fake timers do not reach it. A test that fakes them for the
// package replaces `src/metrics/clock` with this module:
// vi.mock('../../src/metrics/clock', () => import('../support/fakeable-clock.js'));

export const now = (): [number, number] => process.hrtime();
export const milliseconds = (): number => performance.now();
export const cellTime = (): number => Math.round(milliseconds());
export const cellTimeAfter = (before: number): number => Math.max(cellTime(), before + 1);
export const unixTimeOf = (time: number): number =>
  Math.round(performance.timeOrigin + time) / 1000;
export const cellTimeOf = (unixTime: number): number =>
  Math.round(unixTime * 1000 - performance.timeOrigin);
export const wallClock = (): number => Date.now();
export const isoTime = (time: number): string => new Date(time).toISOString();

export const UNTIMED: [number, number] = [0, 0];
export const isUntimed = (start: readonly [number, number]): boolean =>
  start[0] === 0 && start[1] === 0;
export const inSeconds = (time: readonly [number, number]): number => time[0] + time[1] / 1e9;
export const nanosecondsBetween = (start: [number, number], end: [number, number]): number =>
  (end[0] - start[0]) * 1e9 + (end[1] - start[1]);
export const secondsBetween = (start: [number, number], end: [number, number]): number =>
  nanosecondsBetween(start, end) / 1e9;
export const secondsSince = (start: [number, number]): number => secondsBetween(start, now());

type Callback = () => void;
export const startTimeout = (run: Callback, delay: number): NodeJS.Timeout =>
  setTimeout(run, delay);
export const stopTimeout = (timer?: NodeJS.Timeout): void => clearTimeout(timer);
export const startInterval = (run: Callback, delay: number): NodeJS.Timeout =>
  setInterval(run, delay);
export const stopInterval = (timer?: NodeJS.Timeout): void => clearInterval(timer);
export const runSoon = (run: Callback): NodeJS.Immediate => setImmediate(run);
export const runNext = (run: Callback): void => queueMicrotask(run);
export const delay = (duration: number): Promise<void> =>
  new Promise((resolve) => void startTimeout(resolve, duration));
