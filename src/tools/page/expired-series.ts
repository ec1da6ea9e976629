import type { FamilyView, Series } from '../../metrics/family';
import type { Runtime } from '../../runtime/runtime';

/** The series of this process that have expired since a reader has read their family. */
export class ExpiredSeries {
  private readonly byFamily = new Map<FamilyView, Series[]>();

  constructor(private readonly runtime: Runtime) {
    runtime.idleSeries.listeners.add(this.note);
  }

  /** Returns those of a family once. Called when the reader begins to read its series, because none expires meanwhile. */
  take(family: FamilyView): readonly Series[] {
    const expired = this.byFamily.get(family) ?? [];
    this.byFamily.delete(family);
    return expired;
  }

  forget(): void {
    this.byFamily.clear();
  }

  close(): void {
    this.runtime.idleSeries.listeners.delete(this.note);
  }

  private readonly note = (family: FamilyView, series: Series): void => {
    const expired = this.byFamily.get(family);
    if (expired === undefined) this.byFamily.set(family, [series]);
    else expired.push(series);
  };
}
