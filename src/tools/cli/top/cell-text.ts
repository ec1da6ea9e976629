import type { Latency } from './method-rows';

/** Shows calls per second, with a digit more where the rate is low. */
export function showRate(rate: number): string {
  if (rate >= 1000) return rate.toFixed(0);
  return rate === 0 || rate >= 0.1 ? rate.toFixed(1) : rate.toPrecision(1);
}

/** Shows a fraction in percent. One that rounds to 0 is a limit, because a few failures are not none. */
export function showPercentage(fraction: number): string {
  if (fraction > 0 && fraction < 0.000_05) return '<0.01%';
  return `${(fraction * 100).toFixed(fraction > 0 && fraction < 0.1 ? 2 : 1)}%`;
}

/** Shows the fraction of an error budget that is left. One that is overspent more than ten times is a multiple of it. */
export function showBudget(left: number): string {
  if (left < -9.99) return left > -1e5 ? `${left.toFixed(0)}x` : `<${-1e5}x`;
  return `${(left * 100).toFixed(left !== 0 && Math.abs(left) < 0.1 ? 1 : 0)}%`;
}

export function showSeconds(seconds: number): string {
  if (seconds === 0) return '0s';
  if (seconds >= 172_800) return `${Math.floor(seconds / 86_400)}d`;
  if (seconds >= 7200) return `${Math.floor(seconds / 3600)}h`;
  if (seconds >= 100) return `${seconds.toFixed(0)}s`;
  // From where three digits round up to the next unit, which they would otherwise write with an exponent.
  if (seconds >= 0.9995) return `${seconds.toPrecision(3)}s`;
  if (seconds >= 0.000_999_5) return `${(seconds * 1000).toPrecision(3)}ms`;
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
