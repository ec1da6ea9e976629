import type { Figure, Time } from './protocol.js';

/** Stands for a figure that is unknown. */
export const NO_VALUE = '–';

/** Formats with three significant digits, which is the precision of a histogram, and without an exponent. */
function digits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumSignificantDigits: 3, useGrouping: false });
}

export function formatRate(rate: Figure): string {
  return rate === null ? NO_VALUE : `${digits(rate)}/s`;
}

export function formatPercentage(fraction: Figure): string {
  return fraction === null ? NO_VALUE : `${digits(fraction * 100)} %`;
}

export function formatCount(count: Figure): string {
  return count === null ? NO_VALUE : String(count);
}

export function formatSeconds(seconds: Figure): string {
  if (seconds === null) return NO_VALUE;
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 0.000_999_5) return `${digits(seconds * 1e6)} µs`;
  if (size < 0.9995) return `${digits(seconds * 1e3)} ms`;
  return `${digits(seconds)} s`;
}

/** Marks a percentile at the last bound of a histogram with ≥, because it may be higher. */
export function formatPercentile(seconds: Figure, highestBound: Figure): string {
  const isAtEnd = seconds !== null && highestBound !== null && seconds >= highestBound;
  return `${isAtEnd ? '≥ ' : ''}${formatSeconds(seconds)}`;
}

export function formatBytes(bytes: Figure): string {
  if (bytes === null) return NO_VALUE;
  return bytes < 2 ** 30 ? `${digits(bytes / 2 ** 20)} MiB` : `${digits(bytes / 2 ** 30)} GiB`;
}

export function formatTime(time: Time): string {
  return new Date(time).toLocaleTimeString('en-GB', { hour12: false });
}

/** Formats a duration in one or two units: `45 s`, `1 min 5 s`, `12 min`, `3 h 5 min`, `2 d 4 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  const rest = whole % 60;
  if (minutes < 60) return `${minutes} min${minutes < 10 && rest > 0 ? ` ${rest} s` : ''}`;
  const hours = Math.floor(minutes / 60);
  return hours < 24
    ? `${hours} h ${minutes % 60} min`
    : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
