import { CATALOGUE, LABEL, METRIC_KINDS, type MetricKind } from '../../catalogue';
import { handlerMetricKind, isNamed } from '../scrape/handler-metric';
import type { MetricFamily } from '../scrape/parse-exposition';
import { toNumber } from '../scrape/parse-sample';
import { labelsKey } from '../scrape/series-key';

/** One series of one method, as it stands at an endpoint. */
export interface MethodSeries {
  /** The same at every scrape. */
  readonly key: string;
  readonly service: string;
  readonly method: string;
  readonly kind: MetricKind;
  /** Of a latency: whether it is of calls that failed. */
  readonly failed: boolean;
  /** Of a histogram: its counts by upper bound. The value, or the count of a summary, stands at `Infinity`. */
  readonly values: ReadonlyMap<number, number>;
}

/**
 * Every series of the four metrics of handler methods. Where several metrics count the same calls of a method, one is
 * taken: that with the built-in name, else the first by name.
 */
export function methodSeriesOf(families: readonly MetricFamily[]): MethodSeries[] {
  const taken = new Map<string, string>();
  return families.toSorted(byPreference).flatMap((family) => {
    const kind = handlerMetricKind(family);
    if (kind === null) return [];
    return seriesOfFamily(family, kind).filter(({ service, method }) => {
      const key = JSON.stringify([kind, service, method]);
      const name = taken.get(key) ?? family.name;
      taken.set(key, name);
      return name === family.name;
    });
  });
}

function byPreference(a: MetricFamily, b: MetricFamily): number {
  const isOther = (family: MetricFamily): number =>
    METRIC_KINDS.some((kind) => isNamed(family, CATALOGUE[kind])) ? 0 : 1;
  return isOther(a) - isOther(b) || (a.name < b.name ? -1 : 1);
}

function seriesOfFamily(family: MetricFamily, kind: MetricKind): MethodSeries[] {
  const isTimed = kind === 'timed';
  const found = new Map<string, MethodSeries & { values: Map<number, number> }>();
  for (const { name, labels, value } of family.samples) {
    const service = labels.get(LABEL.service);
    const method = labels.get(LABEL.method);
    if (service === undefined || method === undefined) continue;
    const isBucket = isTimed && name === `${family.name}_bucket`;
    if (isTimed && !isBucket && name !== `${family.name}_count`) continue;
    const key = family.name + labelsKey(labels, ['le']);
    let series = found.get(key);
    if (series === undefined) {
      const failed = labels.get(LABEL.success) === 'false';
      series = { key, service, method, kind, failed, values: new Map() };
      found.set(key, series);
    }
    series.values.set(isBucket ? toNumber(labels.get('le') ?? '') : Infinity, value);
  }
  return [...found.values()];
}
