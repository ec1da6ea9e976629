/** When errors come so fast that somebody has to be told. */
export interface BurnRate {
  readonly severity: 'page' | 'ticket';
  /** How many times faster than the objective allows. */
  readonly factor: number;
  /** The share of the budget that is spent at this rate within `long`. */
  readonly spent: number;
  /** The window over which it has to be that fast. */
  readonly long: string;
  /** The window that tells that it still is. */
  readonly short: string;
}

/** A burn rate spends this share of the budget within so many hours: https://sre.google/workbook/alerting-on-slos/ */
const POLICY = [
  { severity: 'page', spent: 0.02, hours: 1 },
  { severity: 'page', spent: 0.05, hours: 6 },
  { severity: 'ticket', spent: 0.1, hours: 72 },
] as const;

/** A slower burn keeps the objective. */
const LOWEST_FACTOR = 1;

/** The share of errors that an alert waits for at most: one that waits for more than all calls could never fire. */
const HIGHEST_RATIO = 0.9;

/** The short window is a twelfth of the long one. */
const SHORT = 1 / 12;

/**
 * The burn rates of an objective. Each spends the same share of the budget, whatever the objective's window. Where the
 * workbook's hours would need a factor that makes no sense, the factor is bounded and the window made to fit.
 */
export function burnRates(window: string, target: number): BurnRate[] {
  const minutes = minutesOfDuration(window);
  const highestFactor = HIGHEST_RATIO / (1 - target);
  return POLICY.map(({ severity, spent, hours }) => {
    const wanted = (spent * minutes) / (hours * 60);
    const factor = Math.min(Math.max(wanted, LOWEST_FACTOR), highestFactor);
    const long = Math.round((spent * minutes) / factor);
    return {
      severity,
      factor: Number(factor.toPrecision(6)),
      spent,
      long: durationOf(long),
      short: durationOf(Math.max(1, Math.round(long * SHORT))),
    };
  });
}

const MINUTES = { w: 7 * 24 * 60, d: 24 * 60, h: 60, m: 1 } as const;

/** Of a duration of whole minutes, such as `4w` or `1h30m`. */
export function minutesOfDuration(duration: string): number {
  let minutes = 0;
  for (const [, count, unit] of duration.matchAll(/(\d+)([wdhm])/g)) {
    minutes += Number(count) * MINUTES[unit as keyof typeof MINUTES];
  }
  return minutes;
}

/** Whole minutes as Prometheus writes a duration: `90` is `1h30m`. */
export function durationOf(minutes: number): string {
  const parts = [
    [Math.floor(minutes / MINUTES.d), 'd'],
    [Math.floor((minutes % MINUTES.d) / MINUTES.h), 'h'],
    [minutes % MINUTES.h, 'm'],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('');
}

const DURATION = /^(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?$/;

/** Whether Prometheus takes it for a duration above 0. */
export function isDuration(value: unknown): boolean {
  return typeof value === 'string' && DURATION.test(value) && /[1-9]/.test(value);
}

/** A share in per cent: 0.9995 is 99.95, and not 99.95000000000001. */
export function percentOf(share: number): number {
  return Number((share * 100).toPrecision(12));
}
