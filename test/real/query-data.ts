import type { Prometheus, RangeResult } from '../support/start-prometheus';
import { interpolate, type PlacedQuery } from '../tools/grafana/dashboard-queries';

/** The data that Grafana would get for a query, without values that are not finite. */
export async function dataOf(prometheus: Prometheus, { target }: PlacedQuery): Promise<number[]> {
  const expression = interpolate(target.expr);
  const values = target.instant
    ? (await prometheus.query(expression)).map(({ value }) => value)
    : (await prometheus.queryRange(expression)).flatMap(({ values: all = [] }: RangeResult) => all);
  return values.map(([, value]) => Number(value)).filter((value) => Number.isFinite(value));
}
