import type { MetricKind } from '../../metrics/catalogue';
import type { SummaryCell } from '../../metrics/summary-cell';
import { type ErrorsOfType, MethodReading } from './read-methods';

/** Types of exceptions that are kept one by one, for each method. */
export const MOST_ERROR_TYPES = 20;

export interface ErrorHistory {
  readonly kind: string;
  readonly type: string;
  readonly counts: CounterHistory;
}

/** The course of one method's metrics over the samples that are held. */
export class MethodHistory {
  kinds: ReadonlySet<MetricKind> = new Set();
  readonly requests: CounterHistory;
  readonly ok: CounterHistory;
  readonly failed: CounterHistory;
  readonly declared: CounterHistory;
  readonly undeclared: CounterHistory;
  readonly errors = new Map<string, ErrorHistory>();
  /** Those of types past the limit. */
  readonly otherErrors: CounterHistory;
  bounds: readonly number[] | null = null;
  buckets: CounterHistory[] = [];
  summaries: readonly SummaryCell[] = [];
  readonly inFlight: GaugeHistory;

  private before: MethodReading;

  constructor(
    private readonly capacity: number,
    readonly service: string,
    readonly method: string,
  ) {
    this.before = new MethodReading(service, method);
    this.requests = this.counter();
    this.ok = this.counter();
    this.failed = this.counter();
    this.declared = this.counter();
    this.undeclared = this.counter();
    this.otherErrors = this.counter();
    this.inFlight = new GaugeHistory(capacity);
  }

  /** What was counted up to here is no part of the history. */
  beginAt(reading: MethodReading): void {
    this.before = reading;
  }

  record(now: MethodReading, slot: number): void {
    const { before } = this;
    this.kinds = now.kinds;
    this.summaries = now.summaries;
    this.inFlight.set(now.inFlight, slot);
    this.requests.add(increaseOf(now.requests, before.requests), slot);
    this.declared.add(increaseOf(now.declared, before.declared), slot);
    this.undeclared.add(increaseOf(now.undeclared, before.undeclared), slot);
    this.recordErrors(now, slot);
    this.recordLatencies(now, slot);
    this.before = now;
  }

  private recordErrors(now: MethodReading, slot: number): void {
    let others = 0;
    const recorded = new Set<string>();
    for (const [key, errors] of now.errors) {
      const increase = increaseOf(errors.count, this.before.errors.get(key)?.count ?? 0);
      if (increase > 0 && !this.keeps(key, errors)) others += increase;
      else this.errors.get(key)?.counts.add(increase, slot);
      recorded.add(key);
    }
    // A series that has gone counts no further, and keeps its total.
    for (const [key, { counts }] of this.errors) if (!recorded.has(key)) counts.add(0, slot);
    this.otherErrors.add(others, slot);
  }

  private keeps(key: string, { kind, type }: ErrorsOfType): boolean {
    if (this.errors.has(key)) return true;
    if (this.errors.size >= MOST_ERROR_TYPES) return false;
    this.errors.set(key, { kind, type, counts: this.counter() });
    return true;
  }

  private recordLatencies(now: MethodReading, slot: number): void {
    const { before } = this;
    if (!isSame(now.bounds, this.bounds)) {
      this.bounds = now.bounds;
      this.buckets = now.buckets.map(() => this.counter());
    }
    // A histogram is set to 0 as a whole, also where one of its buckets has grown since.
    const isReset =
      !isSame(now.bounds, before.bounds) ||
      now.ok < before.ok ||
      now.failed < before.failed ||
      now.buckets.some((count, i) => count < (before.buckets[i] as number));
    this.buckets.forEach((bucket, i) => {
      const count = now.buckets[i] as number;
      bucket.add(isReset ? count : count - (before.buckets[i] as number), slot);
    });
    this.ok.add(isReset ? now.ok : now.ok - before.ok, slot);
    this.failed.add(isReset ? now.failed : now.failed - before.failed, slot);
  }

  private counter(): CounterHistory {
    return new CounterHistory(this.capacity);
  }
}

function isSame(one: readonly number[] | null, other: readonly number[] | null): boolean {
  if (one === other) return true;
  return one?.length === other?.length && one?.every((bound, i) => bound === other?.[i]) === true;
}

/** The course of one counter over the samples that are held. */
export class CounterHistory {
  /** What was counted since the first sample; it only grows. */
  total = 0;
  /** The total at each sample, modulo 2^32. Made when there is something to hold: most counters never move. */
  private totals: Uint32Array | null = null;

  constructor(private readonly capacity: number) {}

  add(increase: number, slot: number): void {
    this.total += increase;
    if (this.total === 0) return;
    this.totals ??= new Uint32Array(this.capacity);
    this.totals[slot] = this.total;
  }

  /** What was counted from one sample to another. */
  between(from: number, to: number): number {
    if (this.totals === null) return 0;
    // The difference is right although both have lost what is above 2^32.
    return ((this.totals[to] as number) - (this.totals[from] as number)) >>> 0;
  }
}

/** By how much a counter grew. One that fell was set to 0 in between, as Prometheus' `rate` takes it. */
export function increaseOf(now: number, before: number): number {
  return now >= before ? now - before : now;
}

/** The course of one gauge over the samples that are held. */
export class GaugeHistory {
  /** Made when there is something to hold: most gauges stay at 0. */
  private values: Float64Array | null = null;

  constructor(private readonly capacity: number) {}

  set(value: number, slot: number): void {
    if (value === 0 && this.values === null) return;
    this.values ??= new Float64Array(this.capacity);
    this.values[slot] = value;
  }

  at(slot: number): number {
    return this.values?.[slot] ?? 0;
  }
}
