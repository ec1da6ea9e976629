import type { Time, Trend } from './protocol.js';

/** The size of a sparkline in the units of its path. */
export const WIDTH = 72;
export const HEIGHT = 20;

/** The path of the line, with each value at its time. Unknown values interrupt it. */
export function sparklinePath(times: readonly Time[], trend: Trend, most: number): string {
  const highest = Math.max(most, ...trend.map((value) => value ?? 0));
  const [first = 0, last = 0] = [times[0], times.at(-1)];
  const perMillisecond = last > first ? WIDTH / (last - first) : 0;
  let path = '';
  let isDown = false;
  trend.forEach((value, i) => {
    if (value === null) {
      isDown = false;
      return;
    }
    const x = (((times[i] ?? first) - first) * perMillisecond).toFixed(1);
    const y = (HEIGHT - 1 - (highest === 0 ? 0 : value / highest) * (HEIGHT - 2)).toFixed(1);
    // `h.1` shows a single value between two gaps as a point.
    path += isDown ? `L${x} ${y}` : `M${x} ${y}h.1`;
    isDown = true;
  });
  return path;
}
