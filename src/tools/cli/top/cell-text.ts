import type { Latency } from './method-rows';

/** Shows calls per second, with a digit more where the rate is low. */
export function showRate(rate: number): string {
  if (rate >= 1000) return rate.toFixed(0);
  return rate === 0 || rate >= 0.1 ? rate.toFixed(1) : rate.toPrecision(1);
}

export function showPercentage(fraction: number): string {
  return `${(fraction * 100).toFixed(fraction > 0 && fraction < 0.1 ? 2 : 1)}%`;
}

export function showSeconds(seconds: number): string {
  if (seconds === 0) return '0s';
  if (seconds >= 100) return `${seconds.toFixed(0)}s`;
  if (seconds >= 1) return `${seconds.toPrecision(3)}s`;
  if (seconds >= 0.001) return `${(seconds * 1000).toPrecision(3)}ms`;
  return `${(seconds * 1e6).toFixed(0)}us`;
}

/** Shows a percentile, as a limit if it lies outside the bounds of the buckets, where nothing more is known. */
export function showLatency({ bound, side }: Latency): string {
  const sign = { below: '<', within: '', above: '>' }[side];
  return sign + showSeconds(bound);
}

const LEVELS = '▁▂▃▄▅▆▇█';

/** Draws values as a line of bars, relative to the greatest one. A space is a time without a value. */
export function sparkline(values: readonly (number | null)[], width: number): string {
  const shown = values.slice(-width);
  const most = Math.max(...shown.map((value) => value ?? 0));
  const bars = shown.map((value) => {
    if (value === null) return ' ';
    if (most === 0) return LEVELS.charAt(0);
    return LEVELS.charAt(Math.ceil((value / most) * (LEVELS.length - 1)));
  });
  return bars.join('').padStart(width);
}
