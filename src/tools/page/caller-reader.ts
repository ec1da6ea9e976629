import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type { CounterCell } from '../../metrics/cell';
import type { FamilyView, Series } from '../../metrics/family';
import type { Runtime } from '../../runtime/runtime';
import { seriesOf } from './displayed-series';
import { methodKey, MethodReading } from './method-reader';

type Add = (reading: MethodReading, count: number) => void;

/** How the series of each family of callers is added to a reading. */
const READ: Readonly<Record<string, Add>> = {
  [CATALOGUE.callerRequests.name]: (reading, count) => {
    reading.kinds.add('counted');
    reading.requests += count;
  },
  [CATALOGUE.callerFailedRequests.name]: (reading, count) => {
    reading.kinds.add('errorsCounted');
    // Failures are not counted by kind here, so they are not told apart.
    reading.undeclared += count;
  },
};

/** Reads the current counts of every caller of a service. The name of the caller takes the place of that of a method. */
export class CallerReader {
  /** The service and caller of each series. Cached, because parsing labels is slow and they never change. */
  private readonly names = new WeakMap<Series, readonly [service: string, caller: string]>();

  constructor(private readonly runtime: Runtime) {}

  /** Whether a metric has counts of callers. */
  canRead({ name }: { readonly name: string }): boolean {
    return this.readerOf(name) !== undefined;
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
    for (const [family, members] of seriesOf(sums, this.runtime.families)) {
      const add = this.readerOf(family.registeredName);
      if (add === undefined) continue;
      for (const series of members) {
        yield;
        const [service, caller] = this.namesIn(series);
        const key = methodKey(service, caller);
        let reading = readings.get(key);
        if (reading === undefined)
          readings.set(key, (reading = new MethodReading(service, caller)));
        add(reading, (series.cell as CounterCell).read());
      }
    }
    return readings;
  }

  private readerOf(registeredName: string): Add | undefined {
    const { prefix } = this.runtime.settings;
    return registeredName.startsWith(prefix)
      ? READ[registeredName.slice(prefix.length)]
      : undefined;
  }

  private namesIn(series: Series): readonly [service: string, caller: string] {
    let found = this.names.get(series);
    if (found === undefined) {
      const { labels } = series;
      found = [labels[LABEL.service] ?? '', labels[LABEL.caller] ?? ''];
      this.names.set(series, found);
    }
    return found;
  }
}
