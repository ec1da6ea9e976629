import { durationOf, minutesOfDuration } from './duration';

/** The condition of one alert: the error budget is spent faster than this over both windows. */
export interface BurnRate {
  readonly severity: 'page' | 'ticket';
  /** Rate at which the budget is spent, as a multiple of the rate that the objective allows. */
  readonly factor: number;
  /** Fraction of the budget that this rate spends within the long window. */
  readonly spent: number;
  /** Long window: makes sure that the problem matters. */
  readonly long: string;
  /** Short window: makes sure that the problem is still going on. */
  readonly short: string;
}

/**
 * Each alert stands for a fraction of the budget that is spent within a number of hours. The values are those of the SRE
 * workbook: https://sre.google/workbook/alerting-on-slos/
 */
const POLICY = [
  { severity: 'page', spent: 0.02, hours: 1 },
  { severity: 'page', spent: 0.05, hours: 6 },
  { severity: 'ticket', spent: 0.1, hours: 24 },
  { severity: 'ticket', spent: 0.1, hours: 72 },
] as const;

/** A slower burn still meets the objective. */
const LOWEST_FACTOR = 1;

/** Highest error ratio that an alert waits for. An alert that needs more errors than calls could never fire. */
const HIGHEST_RATIO = 0.9;

/** Length of the short window as a fraction of the long one. */
const SHORT = 1 / 12;

/**
 * Returns the burn rates of an objective. The fractions of the budget are the same for every window and target. If the
 * workbook's hours would need a factor outside its bounds, the factor is set to the bound and the long window becomes
 * the time that spends the fraction at that rate.
 */
export function burnRates(window: string, target: number): BurnRate[] {
  const minutes = minutesOfDuration(window);
  const highestFactor = HIGHEST_RATIO / (1 - target);
  const rates = POLICY.map(({ severity, spent, hours }) => {
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
  // A bound of the factor can make two tickets the same.
  const isSame = (one: BurnRate, other: BurnRate): boolean =>
    one.spent === other.spent && one.factor === other.factor;
  return rates.filter((rate, i) => !rates.slice(0, i).some((earlier) => isSame(earlier, rate)));
}
