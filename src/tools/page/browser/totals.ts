import type { Figure, MethodRow, Trend } from './protocol.js';

/** The sum of the known figures, or null if none is known. */
export function sum(figures: readonly Figure[]): Figure {
  const known = figures.filter((figure) => figure !== null);
  return known.length === 0 ? null : known.reduce((total, figure) => total + figure, 0);
}

export function sumOfTrends(trends: readonly Trend[]): Trend {
  const length = Math.max(0, ...trends.map((trend) => trend.length));
  return Array.from({ length }, (_, i) => sum(trends.map((trend) => trend[i] ?? null)));
}

/** The highest known value of a trend, or null if none is known. */
export function peakOf(trend: Trend): Figure {
  const known = trend.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

/** The row with the highest known figure, or null if no figure is known. */
export function highest(
  rows: readonly MethodRow[],
  figureOf: (row: MethodRow) => Figure,
): MethodRow | null {
  let found: MethodRow | null = null;
  let most = -Infinity;
  for (const row of rows) {
    const figure = figureOf(row);
    if (figure !== null && figure > most) [found, most] = [row, figure];
  }
  return found;
}

/** A fraction of calls, or null if it is not defined. A call can arrive in one window and fail in the next. */
export function ratioOf(part: Figure, whole: Figure): Figure {
  return part === null || whole === null || whole === 0 ? null : Math.min(1, part / whole);
}

/** Several methods together. What cannot be added is that of the worst method. */
export function totalOf(service: string, rows: readonly MethodRow[]): MethodRow {
  const figures = (figureOf: (row: MethodRow) => Figure): Figure[] => rows.map(figureOf);
  const rate = sum(figures((row) => row.rate));
  const failedRate = sum(figures((row) => row.failedRate));
  const badRate = sum(figures((row) => row.badRate));
  const slowest = highest(rows, (row) => row.p99);
  const oldest = highest(rows, (row) => row.oldest);
  const budgets = figures((row) => row.budget).filter((left) => left !== null);
  return {
    service,
    method: '',
    rate,
    failedRate,
    badRate,
    failedRatio: ratioOf(failedRate, rate),
    badRatio: ratioOf(badRate, rate),
    p50: null,
    p95: null,
    p99: slowest?.p99 ?? null,
    lowestBound: slowest?.lowestBound ?? null,
    highestBound: slowest?.highestBound ?? null,
    inFlight: sum(figures((row) => row.inFlight)),
    oldest: oldest?.oldest ?? null,
    hangAge: oldest?.hangAge ?? Infinity,
    budget: budgets.length === 0 ? null : Math.min(...budgets),
    latencyBound: null,
    rates: sumOfTrends(rows.map((row) => row.rates)),
    inFlights: [],
    failedRatios: [],
    p99s: [],
  };
}
