import type { FamilyView, Series } from '../../metrics/family';
import type { Labels } from '../../metrics/labels';
import type { Runtime } from '../../runtime/runtime';
import { seriesOf } from './displayed-series';
import { ExpiredSeries } from './expired-series';
import { methodKey, MethodReading } from './method-reader';

/** Which reading a series belongs to. The name, such as that of a client, takes the place of that of a method. */
export interface Named {
  readonly service: string;
  readonly name: string;
}

/** How the series of each family is added to a reading, by the name of the family without the prefix. */
export type SeriesAdders<F> = Readonly<
  Record<string, (reading: MethodReading, cell: Series['cell'], facts: F) => void>
>;

/** Reads the current values of certain families, in one reading for each service and name. */
export class NamedReader<F extends Named> {
  /** What the labels of each series say. Cached, because parsing labels is slow and they never change. */
  private readonly known = new WeakMap<Series, { readonly key: string; readonly facts: F }>();
  private readonly expired: ExpiredSeries;

  /**
   * @param factsIn what the labels of a series say
   * @param begin called with each reading before anything is added to it
   */
  constructor(
    private readonly runtime: Runtime,
    private readonly adders: SeriesAdders<F>,
    private readonly factsIn: (labels: Labels) => F,
    private readonly begin: (reading: MethodReading) => void = () => {},
  ) {
    this.expired = new ExpiredSeries(runtime);
  }

  /** Whether a metric has values that this reader reads. */
  canRead({ name }: { readonly name: string }): boolean {
    return this.adderOf(name) !== undefined;
  }

  /**
   * Yields after each series, because there may be many.
   *
   * @param sums families summed over this process and its workers, or null to read those of this process
   */
  *read(
    sums: readonly FamilyView[] | null = null,
  ): Generator<void, Map<string, MethodReading>, void> {
    const readings = new Map<string, MethodReading>();
    if (sums !== null) this.expired.forget();
    const removed: [Series, SeriesAdders<F>[string]][] = [];
    for (const [family, members] of seriesOf(sums, this.runtime.families)) {
      const add = this.adderOf(family.registeredName);
      const expired = this.expired.take(family);
      if (add === undefined) continue;
      for (const series of expired) removed.push([series, add]);
      for (const series of members) {
        yield;
        const { key, facts } = this.describe(series);
        let reading = readings.get(key);
        if (reading === undefined) {
          readings.set(key, (reading = new MethodReading(facts.service, facts.name)));
          this.begin(reading);
        }
        add(reading, series.cell, facts);
      }
    }
    for (const [series, add] of removed) {
      const { key, facts } = this.describe(series);
      const reading = readings.get(key);
      if (reading !== undefined) add(reading.expire(), series.cell, facts);
    }
    return readings;
  }

  close(): void {
    this.expired.close();
  }

  private adderOf(registeredName: string): SeriesAdders<F>[string] | undefined {
    const { prefix } = this.runtime.settings;
    return registeredName.startsWith(prefix)
      ? this.adders[registeredName.slice(prefix.length)]
      : undefined;
  }

  private describe(series: Series): { readonly key: string; readonly facts: F } {
    let found = this.known.get(series);
    if (found === undefined) {
      const facts = this.factsIn(series.labels);
      found = { key: methodKey(facts.service, facts.name), facts };
      this.known.set(series, found);
    }
    return found;
  }
}
