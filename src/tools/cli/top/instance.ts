import { CATALOGUE, LABEL, METRIC_KINDS, type MetricKind } from '../../../metrics/catalogue';
import { isBad } from '../../../slo/outcome';
import { parseServedMetrics } from '../served-metrics';
import { CommandError } from '../command-line';
import { ExpositionError, type MetricFamily, toNumber } from '../exposition';
import { handlerMetricKind, isNamed, labelsKey } from '../handler-series';
import { firstLine } from '../output';
import { type RequestOptions, withoutSecrets } from '../http-request';
import { scrape } from '../scrape-endpoint';

/** The increase of a series since the previous scrape, or the current value of a gauge. */
export interface SeriesChange extends MethodSeries {
  /** Seconds since the previous scrape, or 0 after the first. */
  readonly seconds: number;
}

/** One endpoint that `top` watches. */
export class Instance {
  readonly url: string;
  /** Why the last scrape failed, or null if it succeeded. */
  error: string | null = null;
  changes: readonly SeriesChange[] = [];
  private before: { readonly at: number; readonly series: Map<string, MethodSeries> } | null = null;

  constructor(
    readonly endpoint: URL,
    readonly options: RequestOptions,
  ) {
    this.url = withoutSecrets(endpoint);
  }

  /** Scrapes the endpoint, and updates `changes` and `error`. */
  async refresh(): Promise<void> {
    try {
      const { text } = await scrape(this.endpoint, 'text', this.options);
      this.update(
        methodSeriesOf(parseServedMetrics(text, 'text').families),
        performance.now() / 1000,
      );
      this.error = null;
    } catch (error) {
      if (error instanceof CommandError) this.error = firstLine(error);
      else if (error instanceof ExpositionError) {
        this.error = `${this.url} does not serve valid text 0.0.4: ${firstLine(error)}. Examine it with thrift-metrics check.`;
      } else throw error;
      this.changes = [];
    }
  }

  private update(series: readonly MethodSeries[], at: number): void {
    const { before } = this;
    const seconds = before === null ? 0 : at - before.at;
    this.changes = series.map((each) => {
      if (isGauge(each.kind) || before === null) return { ...each, seconds };
      const values = increaseOf(each.values, before.series.get(each.key)?.values);
      return { ...each, seconds, values };
    });
    this.before = { at, series: new Map(series.map((each) => [each.key, each])) };
  }
}

/** Computes how much counters grew. One that fell or is new counts from 0, as in Prometheus. */
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

/** Whether a kind of series has a value now instead of a count. */
export function isGauge(kind: MethodSeries['kind']): kind is 'inFlight' | 'oldest' {
  return kind === 'inFlight' || kind === 'oldest';
}

/** One series of one method, with its values at an endpoint. */
export interface MethodSeries {
  /** Identifies the series across scrapes. */
  readonly key: string;
  readonly service: string;
  readonly method: string;
  readonly kind: MetricKind | 'oldest';
  /** Whether a latency series covers failed calls. */
  readonly failed: boolean;
  /** Whether an error series counts bad calls. The endpoint does not show objectives, so declared exceptions never are. */
  readonly bad: boolean;
  /** The type of the exceptions that an error series counts. */
  readonly exceptionType: string | null;
  /** Value of a series without buckets since the start of the process, of which `values` may only be the increase. */
  readonly current: number;
  /** The counts of a histogram by upper bound. A value, or the count of a summary, is at `Infinity`. */
  readonly values: ReadonlyMap<number, number>;
}

/**
 * Returns every series of the four handler metrics. If several metrics measure the same thing for a method, the one with
 * the built-in name wins, otherwise the first by name.
 */
export function methodSeriesOf(families: readonly MetricFamily[]): MethodSeries[] {
  const chosen = new Map<string, string>();
  return families.toSorted(byPreference).flatMap((family) => {
    const isOldest = family.type === 'gauge' && isNamed(family, CATALOGUE.oldestActive);
    const kind = isOldest ? 'oldest' : handlerMetricKind(family);
    if (kind === null) return [];
    return seriesOfFamily(family, kind).filter(({ service, method }) => {
      const key = JSON.stringify([kind, service, method]);
      const name = chosen.get(key) ?? family.name;
      chosen.set(key, name);
      return name === family.name;
    });
  });
}

function byPreference(a: MetricFamily, b: MetricFamily): number {
  const rank = (family: MetricFamily): number =>
    METRIC_KINDS.some((kind) => isNamed(family, CATALOGUE[kind])) ? 0 : 1;
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}

function seriesOfFamily(family: MetricFamily, kind: MethodSeries['kind']): MethodSeries[] {
  const isTimed = kind === 'timed';
  const found = new Map<string, MethodSeries & { values: Map<number, number>; current: number }>();
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
      const bad = kind === 'errorsCounted' && isBad(labels.get(LABEL.exceptionKind) ?? '', false);
      const exceptionType = labels.get(LABEL.exceptionType) ?? null;
      const shared = { key, service, method, kind, failed, bad, exceptionType };
      series = { ...shared, current: value, values: new Map() };
      found.set(key, series);
    }
    series.values.set(isBucket ? toNumber(labels.get('le') ?? '') : Infinity, value);
  }
  return [...found.values()];
}
