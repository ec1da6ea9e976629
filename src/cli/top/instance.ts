import { CommandError } from '../command-error';
import { methodSeriesOf, type MethodSeries } from './method-series';
import { firstLine } from '../printable';
import { scrapeFamilies, withoutSecrets, type ScrapeOptions } from '../scrape/scrape';

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
