import type { Figure, Time } from './protocol.js';

/** Stands for a figure that is unknown. */
export const NO_VALUE = '–';

/** Formats with three significant digits, which is the precision of a histogram, and without an exponent. */
function digits(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return rounded.toLocaleString('en', { maximumSignificantDigits: 3, useGrouping: false });
}

/** Formats a rate per second in the unit in which it is at least 1. */
export function formatRate(rate: Figure): string {
  if (rate === null) return NO_VALUE;
  if (rate === 0 || rate >= 0.9995) return `${digits(rate)}/s`;
  return rate * 60 >= 0.9995 ? `${digits(rate * 60)}/min` : `${digits(rate * 3600)}/h`;
}

export function formatPercentage(fraction: Figure): string {
  return fraction === null ? NO_VALUE : `${digits(fraction * 100)} %`;
}

export function formatCount(count: Figure): string {
  return count === null ? NO_VALUE : String(count);
}

/** A number with its noun: `1 method`, `2 methods`. */
export function withNoun(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}

export function formatSeconds(seconds: Figure): string {
  if (seconds === null) return NO_VALUE;
  const size = Math.abs(seconds);
  if (size === 0) return '0 s';
  if (size < 0.000_999_5) return `${digits(seconds * 1e6)} µs`;
  if (size < 0.9995) return `${digits(seconds * 1e3)} ms`;
  return `${digits(seconds)} s`;
}

/** The outer bounds of a histogram, or null without one. */
export interface OuterBounds {
  readonly lowestBound: Figure;
  readonly highestBound: Figure;
}

/** A histogram does not show how far a percentile is below its first bound or above its last one. */
export function formatPercentile(
  seconds: Figure,
  { lowestBound, highestBound }: OuterBounds,
): string {
  if (seconds === null) return NO_VALUE;
  if (highestBound !== null && seconds >= highestBound) return `≥ ${formatSeconds(highestBound)}`;
  if (lowestBound !== null && seconds < lowestBound) return `< ${formatSeconds(lowestBound)}`;
  return formatSeconds(seconds);
}

/** Formats the age of a call in one unit, rounded down from two minutes on. It is 0 if there is no call. */
export function formatAge(seconds: Figure): string {
  if (seconds === null || seconds < 120) return formatSeconds(seconds);
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 172_800
    ? `${Math.floor(seconds / 3600)} h`
    : `${Math.floor(seconds / 86_400)} d`;
}

/**
 * Formats what is left of an error budget, in whole percent unless it is nearly spent. One that is overspent by more than ten
 * times its size is a multiple of it.
 */
export function formatBudget(left: Figure): string {
  if (left === null || Math.abs(left) < 0.1) return formatPercentage(left);
  return left < -9.99 ? `${Math.round(left)}×` : `${Math.round(left * 100)} %`;
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
