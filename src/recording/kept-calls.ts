import { isUntimed, now, secondsBetween, wallClock } from '../metrics/clock';
import { latencyClassOf, SLOW_FROM } from '../metrics/latency-class';
import type { CallJournal, CallOrigin } from './call-journal';
import type { ThriftCallOutcome } from './call-message';
import type { CallReference, ServedCall } from './call-reference';
import { type ErrorDetails, NO_DETAILS } from './error-details';
import { CallRing } from './call-ring';

/** The most slow calls of a method that are kept in each latency class. */
export const SLOW_PER_CLASS = 3;

/** The most failed calls of a method that are kept of each error type, and the most types. */
export const FAILED_PER_TYPE = 2;
export const MOST_ERROR_TYPES = 6;

/** A call that has settled and is kept. */
export interface KeptCall extends CallOrigin {
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Seconds in the handler, or null if nothing measures its latency. */
  readonly seconds: number | null;
  readonly traceId: string | null;
  /** Null for a call that is kept because it was slow. */
  readonly error: KeptError | null;
}

export interface KeptError extends ErrorDetails {
  readonly type: string;
  readonly kind: ThriftCallOutcome;
}

/** Keeps the calls that one wrapper of a method records. */
export interface CallKeeper {
  /** The message that is being handled, if it calls this method. */
  incoming(): ServedCall | null;
  /** Called when a call that took at least `SLOW` has succeeded. Never throws. */
  keepSlow(start: [number, number], end: [number, number], reference: CallReference | null): void;
  /**
   * Called when a call has failed. A call that returned but counts as failed has no error. `start` and `end` are `UNTIMED` if
   * the call is not timed. Never throws.
   */
  keepFailed(
    failure: Pick<KeptError, 'kind' | 'type'>,
    error: unknown,
    hasError: boolean,
    start: [number, number],
    end: [number, number],
    reference: CallReference | null,
  ): void;
}

/**
 * The slow and failed calls of one method that are kept. A call that settles is compared with the second in which the oldest
 * one of its kind was kept, so that a method under load keeps few calls per second and allocates nothing for the others.
 */
export class KeptCalls implements CallKeeper {
  private readonly slow: (CallRing<KeptCall> | null)[] = SLOW_FROM.map(() => null);
  /** The second in which every type is too recent to give way to a new one, or -1. */
  private refusingIn = -1;
  private readonly failed = new Map<string, CallRing<KeptCall>>();

  constructor(
    readonly journal: CallJournal,
    readonly service: string,
    readonly method: string,
  ) {}

  /** What one of several wrappers of the method keeps, so that a call is kept once. */
  forWrapper(keepsSlow: boolean, keepsFailed: boolean): CallKeeper {
    return keepsSlow && keepsFailed ? this : new PartialKeeper(this, keepsSlow, keepsFailed);
  }

  incoming(): ServedCall | null {
    const { incoming } = this.journal;
    if (incoming === null || incoming.methodName !== this.method) return null;
    return incoming.service === this.service ? incoming : null;
  }

  keepSlow(start: [number, number], end: [number, number], reference: CallReference | null): void {
    const { journal, slow } = this;
    if (!journal.enabled) return;
    const at = latencyClassOf(secondsBetween(start, end));
    const [second] = end;
    const ring = slow[at] as CallRing<KeptCall> | null;
    if (ring !== null && !ring.isDue(second)) return;
    try {
      const kept = ring ?? new CallRing<KeptCall>(SLOW_PER_CLASS);
      kept.keep(second, this.describe(start, end, reference, null));
      slow[at] = kept;
    } catch (fault) {
      journal.report(fault);
    }
  }

  keepFailed(
    { kind, type }: Pick<KeptError, 'kind' | 'type'>,
    error: unknown,
    hasError: boolean,
    start: [number, number],
    end: [number, number],
    reference: CallReference | null,
  ): void {
    if (!this.journal.enabled) return;
    try {
      const [second] = isUntimed(end) ? now() : end;
      const ring = this.ringOf(type, second);
      if (ring === null || !ring.isDue(second)) return;
      const kept: KeptError = { kind, type, ...NO_DETAILS };
      ring.keep(second, this.describe(start, end, reference, kept));
      if (hasError) this.journal.errors.readLater(error, (details) => Object.assign(kept, details));
    } catch (fault) {
      this.journal.report(fault);
    }
  }

  /** The calls that are kept in each latency class, by its position in `SLOW_FROM`. */
  slowCalls(): (readonly KeptCall[])[] {
    return this.slow.map((ring) => ring?.calls() ?? []);
  }

  failedCalls(): readonly KeptCall[] {
    return [...this.failed.values()].flatMap((ring) => ring.calls());
  }

  forget(): void {
    this.slow.fill(null);
    this.failed.clear();
  }

  /** The calls of an error type. A new type replaces the one that was kept least recently, if that was not just now. */
  private ringOf(type: string, second: number): CallRing<KeptCall> | null {
    const { failed } = this;
    const known = failed.get(type);
    if (known !== undefined) return known;
    if (failed.size >= MOST_ERROR_TYPES) {
      if (this.refusingIn === second) return null;
      const [[oldestType, oldest]] = [...failed].toSorted(
        ([, a], [, b]) => a.latest - b.latest,
      ) as [[string, CallRing<KeptCall>]];
      if (oldest.latest >= second) {
        this.refusingIn = second;
        return null;
      }
      failed.delete(oldestType);
    }
    const ring = new CallRing<KeptCall>(FAILED_PER_TYPE);
    failed.set(type, ring);
    return ring;
  }

  private describe(
    start: [number, number],
    end: [number, number],
    given: CallReference | null,
    error: KeptError | null,
  ): KeptCall {
    const { journal, service, method } = this;
    const reference = given ?? this.incoming();
    const seconds = isUntimed(start) ? null : secondsBetween(start, end);
    return {
      startedAt: wallClock() - (seconds ?? 0) * 1000,
      seconds,
      ...journal.originOf(service, method, reference),
      traceId: journal.traceIdNow(reference?.published ?? null),
      error,
    };
  }
}

/** Keeps what one of several wrappers of a method has to keep, and leaves the rest to the others. */
class PartialKeeper implements CallKeeper {
  constructor(
    private readonly kept: KeptCalls,
    private readonly keepsSlow: boolean,
    private readonly keepsFailed: boolean,
  ) {}

  incoming(): ServedCall | null {
    return this.kept.incoming();
  }

  keepSlow(...call: Parameters<CallKeeper['keepSlow']>): void {
    if (this.keepsSlow) this.kept.keepSlow(...call);
  }

  keepFailed(...call: Parameters<CallKeeper['keepFailed']>): void {
    if (this.keepsFailed) this.kept.keepFailed(...call);
  }
}
