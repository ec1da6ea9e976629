import type { MetricKind } from '../catalogue';
import type { HistogramCell } from '../metrics/histogram-cell';
import type { SummaryCell } from '../metrics/summary-cell';

/** Calls that failed with one type of exception. */
export interface ErrorsOfType {
  readonly kind: string;
  readonly type: string;
  count: number;
}

/** What the metrics of one method hold at one moment. */
export class MethodReading {
  /** Those that the method has. */
  readonly kinds = new Set<MetricKind>();
  requests = 0;
  inFlight = 0;
  /** Calls that settled, by outcome; of methods that are timed. */
  ok = 0;
  failed = 0;
  declared = 0;
  undeclared = 0;
  readonly errors = new Map<string, ErrorsOfType>();
  /** Upper bounds of the histogram; null where there is none. */
  bounds: readonly number[] | null = null;
  /** Calls for each bucket, not cumulative. */
  buckets: number[] = [];
  readonly summaries: SummaryCell[] = [];

  constructor(
    readonly service: string,
    readonly method: string,
  ) {}

  addErrors(kind: string, type: string, count: number): void {
    if (kind === 'declared') this.declared += count;
    else this.undeclared += count;
    const key = `${kind} ${type}`;
    const known = this.errors.get(key);
    if (known === undefined) this.errors.set(key, { kind, type, count });
    else known.count += count;
  }

  addLatencies(isOk: boolean, cell: HistogramCell | SummaryCell): void {
    const count = typeof cell.count === 'number' ? cell.count : cell.count();
    if (isOk) this.ok += count;
    else this.failed += count;
    if ('quantiles' in cell) this.summaries.push(cell);
    else this.addHistogram(cell);
  }

  private addHistogram({ bounds, counts }: HistogramCell): void {
    if (this.bounds === null) {
      this.bounds = bounds;
      this.buckets = [...counts];
      return;
    }
    const known = this.bounds;
    counts.forEach((count, i) => {
      // Series of one method have other bounds where classes share its name: the first bound that all of it is below.
      const at = bounds === known ? i : indexOfBound(known, bounds[i] ?? Infinity);
      (this.buckets[at] as number) += count;
    });
  }
}

/** Of the infinite bound, one past the last. */
function indexOfBound(bounds: readonly number[], wanted: number): number {
  const found = bounds.findIndex((bound) => bound >= wanted);
  return found === -1 ? bounds.length : found;
}
