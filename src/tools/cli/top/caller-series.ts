import { CATALOGUE, LABEL } from '../../../metrics/catalogue';
import { groupBy } from '../../group-by';
import type { MetricFamily } from '../exposition';
import { isNamed, labelsKey } from '../handler-series';
import type { Changed, CountedSeries } from './method-series';

/** One series of the calls that one caller makes to one service. */
export interface CallerSeries extends CountedSeries {
  readonly service: string;
  readonly caller: string;
  /** Whether the series counts failed calls instead of all. */
  readonly failed: boolean;
}

/** What one caller does to a service. */
export interface CallerRow {
  readonly caller: string;
  /** Calls per second. Null before the second scrape. */
  readonly rate: number | null;
  /** Fraction of the calls that failed, from 0 to 1. Null without calls, or if nothing counts failed calls. */
  readonly failedRatio: number | null;
}

/** Returns the series of all callers. They have no label of a method. */
export function callerSeriesOf(families: readonly MetricFamily[]): CallerSeries[] {
  return families.flatMap((family) => {
    const failed = isNamed(family, CATALOGUE.callerFailedRequests);
    if (!failed && !isNamed(family, CATALOGUE.callerRequests)) return [];
    return family.samples.flatMap(({ labels, value }): CallerSeries[] => {
      const service = labels.get(LABEL.service);
      const caller = labels.get(LABEL.caller);
      if (service === undefined || caller === undefined) return [];
      const key = family.name + labelsKey(labels);
      return [{ key, service, caller, failed, sinceStart: new Map([[Infinity, value]]) }];
    });
  });
}

/** Sums the series of each caller of a service, the busiest caller first. */
export function callerRowsOf(
  changes: readonly Changed<CallerSeries>[],
  service: string,
): CallerRow[] {
  const ofService = changes.filter((change) => change.service === service);
  const rows = [...groupBy(ofService, ({ caller }) => caller)].map(([caller, series]) => {
    const failures = series.filter(({ failed }) => failed);
    const rate = rateOf(series.filter(({ failed }) => !failed));
    const failed = rateOf(failures);
    const isKnown = failed !== null && rate !== null && rate > 0;
    return { caller, rate, failedRatio: isKnown ? Math.min(1, failed / rate) : null };
  });
  return rows.toSorted((a, b) => (b.rate ?? 0) - (a.rate ?? 0) || (a.caller < b.caller ? -1 : 1));
}

/** Calls per second. Null without series, before the second scrape, or if an endpoint serves NaN. */
function rateOf(changes: readonly Changed<CallerSeries>[]): number | null {
  const recent = changes.filter(({ seconds }) => seconds > 0);
  if (recent.length === 0) return null;
  const rate = recent.reduce(
    (sum, { values, seconds }) => sum + (values.get(Infinity) ?? 0) / seconds,
    0,
  );
  return Number.isFinite(rate) ? rate : null;
}
