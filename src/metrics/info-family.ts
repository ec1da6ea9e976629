import { GaugeCell } from './cell';
import { Family, type Located, type Series, type SharedSettings } from './family';
import type { Labels } from './labels';
import type { MetricValues } from './registry-metric';

/** A family with one series at 1, whose labels are read again at each scrape, because some are known only after a while. */
export class InfoFamily extends Family<'gauge'> {
  private readonly cell = new GaugeCell();
  private current: Series<'gauge'> | null = null;

  constructor(
    name: string,
    baseName: string,
    help: string,
    private readonly at: Located,
    shared: SharedSettings,
    private readonly readLabels: () => Labels,
  ) {
    // Workers of the same versions have the same series, which stays 1 in their sum.
    super(name, baseName, 'gauge', help, at, shared, 'max');
    this.restore();
  }

  /** Sets the value to 1 again after a reset, which sets every value to 0. */
  restore(): void {
    this.cell.value = 1;
  }

  override get size(): number {
    return 1;
  }

  override *series(): Generator<Series<'gauge'>> {
    this.refresh();
    yield* super.series();
  }

  override shown(): Iterable<Series<'gauge'>> {
    this.refresh();
    return super.shown();
  }

  override get(): MetricValues {
    this.refresh();
    return super.get();
  }

  override reset(): void {
    this.cell.reset();
  }

  private refresh(): void {
    const series = this.findOrCreate(this.readLabels(), this.at, () => this.cell);
    if (this.current !== null && this.current !== series) this.remove(this.current);
    this.current = series;
  }
}
