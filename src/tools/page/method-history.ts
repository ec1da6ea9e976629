import type { MetricKind } from '../../metrics/catalogue';
import type { ErrorSample } from '../../metrics/error-sample';
import type { SummaryCell } from '../../metrics/summary-cell';
import { LabelHistories } from './label-history';
import { type ErrorsOfType, MethodReading } from './method-reader';
import { CounterHistory, GaugeHistory, increaseOf } from './sampled-values';
import { TimeHistory } from './time-history';

/** Maximum number of error types per method that are counted separately. */
export const MAX_ERROR_TYPES = 20;

export interface ErrorHistory {
  readonly kind: string;
  readonly type: string;
  readonly counts: CounterHistory;
  /** When the first error was seen: the time of its sample. */
  readonly firstSeen: number;
  /** When the latest error was seen. */
  lastSeen: number;
  /** The label `trace_id` of its latest exemplar, or null. */
  traceId: string | null;
  /** What a recent one said, or null. */
  sample: ErrorSample | null;
}

/** The metrics of one method at each sample of a timeline. */
export class MethodHistory {
  kinds: ReadonlySet<MetricKind> = new Set();
  readonly requests: CounterHistory;
  readonly ok: CounterHistory;
  readonly failed: CounterHistory;
  readonly declared: CounterHistory;
  readonly undeclared: CounterHistory;
  readonly bad: CounterHistory;
  declaredExceptionsAreErrors = false;
  readonly errors = new Map<string, ErrorHistory>();
  /** Errors of the types beyond {@link MAX_ERROR_TYPES}. */
  readonly otherErrors: CounterHistory;
  bounds: readonly number[] | null = null;
  buckets: CounterHistory[] = [];
  summaries: readonly SummaryCell[] = [];
  readonly inFlight: GaugeHistory;
  /** Age of the oldest call in progress, in seconds. */
  readonly oldest: GaugeHistory;
  /** Whether the age of the oldest call is measured. */
  hasOldest = false;
  readonly labels: LabelHistories;
  readonly times: TimeHistory;

  private before: MethodReading;

  constructor(
    private readonly capacity: number,
    readonly service: string,
    readonly method: string,
    /** Number of the first sample that has the method in the same processes as the newest one. */
    public since = 0,
  ) {
    this.labels = new LabelHistories(capacity);
    this.before = new MethodReading(service, method);
    this.requests = this.counter();
    this.ok = this.counter();
    this.failed = this.counter();
    this.declared = this.counter();
    this.undeclared = this.counter();
    this.bad = this.counter();
    this.otherErrors = this.counter();
    this.inFlight = new GaugeHistory(capacity);
    this.oldest = new GaugeHistory(capacity);
    this.times = new TimeHistory(capacity);
  }

  /** Excludes everything that was counted up to this reading from the history. */
  startAt(reading: MethodReading, sample: number): void {
    this.before = reading;
    this.since = sample;
  }

  /** @param time that of the sample, on its clock */
  record(now: MethodReading, slot: number, time: number): void {
    const { before } = this;
    if (now.expired !== null && now !== before) before.without(now.expired, now);
    now.expired = null;
    this.kinds = now.kinds;
    this.declaredExceptionsAreErrors = now.declaredExceptionsAreErrors;
    this.summaries = now.summaries;
    this.inFlight.set(now.inFlight, slot);
    this.hasOldest = now.oldest !== null;
    this.oldest.set(now.oldest ?? 0, slot);
    this.requests.add(increaseOf(now.requests, before.requests), slot);
    this.declared.add(increaseOf(now.declared, before.declared), slot);
    this.undeclared.add(increaseOf(now.undeclared, before.undeclared), slot);
    this.bad.add(increaseOf(now.bad, before.bad), slot);
    this.recordErrors(now, slot, time);
    this.recordLatencies(now, slot);
    this.labels.record(now.labels, now.labelled, before.labelled, slot);
    this.times.record(now.times, before.times, slot);
    this.before = now;
  }

  private recordErrors(now: MethodReading, slot: number, time: number): void {
    let others = 0;
    const recorded = new Set<string>();
    for (const [key, errors] of now.errors) {
      const increase = increaseOf(errors.count, this.before.errors.get(key)?.count ?? 0);
      if (increase > 0 && !this.keepsType(key, errors, time)) others += increase;
      else this.recordType(key, errors, increase, slot, time);
      recorded.add(key);
    }
    for (const [key, errors] of this.errors) {
      if (recorded.has(key)) continue;
      // A removed series keeps its total. The text of its error goes, because nothing could remove it later.
      errors.counts.add(0, slot);
      errors.sample = null;
    }
    this.otherErrors.add(others, slot);
  }

  private recordType(
    key: string,
    { exemplar, sample }: ErrorsOfType,
    increase: number,
    slot: number,
    time: number,
  ): void {
    const history = this.errors.get(key);
    if (history === undefined) return;
    history.counts.add(increase, slot);
    if (increase > 0) history.lastSeen = time;
    history.traceId = exemplar?.labels['trace_id'] ?? history.traceId;
    history.sample = sample;
  }

  /** Whether errors of this type are counted separately. Starts to count them if there is room. */
  private keepsType(key: string, { kind, type }: ErrorsOfType, time: number): boolean {
    if (this.errors.has(key)) return true;
    if (this.errors.size >= MAX_ERROR_TYPES) return false;
    const seen = { firstSeen: time, lastSeen: time, traceId: null, sample: null };
    this.errors.set(key, { kind, type, counts: this.counter(), ...seen });
    return true;
  }

  private recordLatencies(now: MethodReading, slot: number): void {
    const { before } = this;
    if (!isSame(now.bounds, this.bounds)) {
      this.bounds = now.bounds;
      this.buckets = now.buckets.map(() => this.counter());
    }
    // A histogram is reset as a whole, so every bucket counts from 0 if any of them fell.
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
