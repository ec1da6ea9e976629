import { ThriftMetricsError } from '../errors';
import type { DeclaredObjective } from '../registry/objective';
import { checkOption, checkOptions, isBoolean } from '../validation/options';
import type { ObjectiveOptions } from './types';

const OPTIONS = ['availability', 'latency', 'window', 'declaredExceptionsAreErrors'] as const;

/** Validates the options of `Objective` and fills in the defaults. */
export function createObjective(options: unknown, where: string): DeclaredObjective {
  checkOptions(where, options, OPTIONS);
  const {
    availability,
    latency,
    window = '30d',
    declaredExceptionsAreErrors = false,
  } = options as ObjectiveOptions;
  checkShare(where, 'availability', availability);
  if (latency !== undefined) checkLatency(where, latency);
  if (availability === undefined && latency === undefined) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${where}: the objective promises nothing. Set 'availability', 'latency' or both, such as { availability: 0.999 }.`,
    );
  }
  checkOption(
    where,
    'window',
    window,
    isWindow,
    "days or weeks up to 90 days, such as '30d' or '4w'",
  );
  checkOption(
    where,
    'declaredExceptionsAreErrors',
    declaredExceptionsAreErrors,
    isBoolean,
    'true or false',
  );
  return {
    ...(availability !== undefined && { availability }),
    ...(latency !== undefined && { latency: { ...latency } }),
    window,
    declaredExceptionsAreErrors,
  };
}

function checkLatency(where: string, latency: unknown): void {
  const inside = `${where}: latency`;
  checkOptions(inside, latency, ['target', 'within']);
  const { target = null, within = null } = latency as Record<string, unknown>;
  checkShare(inside, 'target', target);
  checkOption(inside, 'within', within, isSeconds, 'a number of seconds above 0');
}

function checkShare(where: string, name: string, value: unknown): void {
  const expected = 'a number above 0 and below 1, such as 0.999';
  checkOption(where, name, value, isShare, `${expected}${percentHint(value)}`);
}

function isShare(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < 1;
}

/** Corrects a percentage. */
function percentHint(value: unknown): string {
  if (typeof value !== 'number' || value <= 1 || value >= 100) return '';
  return `; ${value} % is ${Number((value / 100).toPrecision(12))}`;
}

function isSeconds(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < Infinity;
}

const LONGEST_WINDOW_DAYS = 90;

function isWindow(value: unknown): boolean {
  const match = typeof value === 'string' ? /^([1-9]\d{0,2})([dw])$/.exec(value) : null;
  return match !== null && Number(match[1]) * (match[2] === 'w' ? 7 : 1) <= LONGEST_WINDOW_DAYS;
}
