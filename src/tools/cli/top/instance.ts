import { CATALOGUE, LABEL, METRIC_KINDS, type MetricKind } from '../../../metrics/catalogue';
import { histogramQuantile } from '../../../metrics/histogram-quantile';
import { CommandError } from '../command-line';
import { type MetricFamily, toNumber } from '../exposition';
import { handlerMetricKind, isNamed, labelsKey } from '../handler-series';
import { firstLine } from '../output';
import { scrapeFamilies, type ScrapeOptions, withoutSecrets } from '../scrape-endpoint';

/** What has changed in a series since the scrape before; of a gauge, what it says. */
export interface SeriesChange extends MethodSeries {
  /** Over which it has changed; 0 while there was no scrape before. */
  readonly seconds: number;
}

/** One endpoint that is watched. */
export class Instance {
  readonly url: string;
  /** Why the last scrape failed; null if it did not. */
  error: string | null = null;
  changes: readonly SeriesChange[] = [];
  private before: { readonly at: number; readonly series: Map<string, MethodSeries> } | null = null;

  constructor(
    private readonly endpoint: URL,
    private readonly options: ScrapeOptions,
  ) {
    this.url = withoutSecrets(endpoint);
  }

  async refresh(): Promise<void> {
    try {
      const series = methodSeriesOf(await scrapeFamilies(this.endpoint, this.options));
      this.take(series, performance.now() / 1000);
      this.error = null;
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      this.error = firstLine(error);
      this.changes = [];
    }
  }

  private take(series: readonly MethodSeries[], at: number): void {
    const { before } = this;
    const seconds = before === null ? 0 : at - before.at;
    this.changes = series.map((each) => {
      if (each.kind === 'inFlight' || before === null) return { ...each, seconds };
      const values = increaseOf(each.values, before.series.get(each.key)?.values);
      return { ...each, seconds, values };
    });
    this.before = { at, series: new Map(series.map((each) => [each.key, each])) };
  }
}

/**
 * How much counters have grown. One that has fallen began anew at 0, as Prometheus takes it; one that was not there
 * before began at 0 since.
 */
export function increaseOf(
  values: ReadonlyMap<number, number>,
  before: ReadonlyMap<number, number> | undefined,
): Map<number, number> {
  return new Map(
    [...values].map(([bound, value]) => {
      const from = before?.get(bound) ?? 0;
      return [bound, value < from ? value : value - from];
    }),
  );
}

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

/**
 * A quantile of what the buckets of a scrape count.
 *
 * @param buckets How many observations each upper bound counts, those of lower bounds included; with `Infinity`.
 * @returns `null` when nothing was observed, or when there is no finite bound.
 */
export function quantileOfBuckets(
  quantile: number,
  buckets: ReadonlyMap<number, number>,
): number | null {
  const sorted = [...buckets].toSorted(([a], [b]) => a - b);
  if (sorted.length < 2) return null;
  const counts = sorted.map(([, count], i) => count - (sorted[i - 1]?.[1] ?? 0));
  const bounds = sorted.slice(0, -1).map(([bound]) => bound);
  return histogramQuantile(quantile, bounds, counts);
}
