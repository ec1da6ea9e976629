import type { LabelFunction, CallDetails } from './call';
import type { CallFailure } from './call-message';
import type { ExemplarSource } from '../metrics/exemplar';
import { type FaultSink, RESULT, UNKNOWN } from './guards';
import { DECLARED } from '../metrics/catalogue';
import { LabelTree } from './label-tree';
import type { CellSource, Counter, ErrorCounter, ErrorTypeSwitch, Observer } from './cells';
import { type ExceptionClass, exceptionType, isThriftException } from './exception';
import type { ErrorSampler } from './error-sampler';
import type { ErrorRecorder } from './plan';

export const UNDECLARED = 'undeclared';

/** The values of `thrift_exception_kind` of a handler's failures. */
export const FAILURE_KINDS = [DECLARED, UNDECLARED, RESULT] as const;

type FailureKind = (typeof FAILURE_KINDS)[number];

interface HandlerFailure extends CallFailure {
  readonly kind: FailureKind;
}

/** The failure of a handler whose errors are not counted. Never throws. */
export function describeUncounted(error: unknown): CallFailure {
  try {
    return { kind: isThriftException(error) ? DECLARED : UNDECLARED, type: exceptionType(error) };
  } catch {
    return { kind: UNDECLARED, type: UNKNOWN };
  }
}

/** Counts failed calls by kind. Unlike the counters by type, these exist before the first failure. */
export type FailedRequests = Readonly<Record<FailureKind, Counter>>;

/** The exceptions that a service declares for a method. */
export interface DeclaredExceptions {
  /** The names of their classes. */
  readonly names: readonly string[];
  /** Returns null if the service does not say. */
  isDeclared(error: unknown): boolean | null;
}

/** Counts failed calls by the type and kind of their failure. */
export class CountingErrorRecorder implements ErrorRecorder {
  constructor(
    /** The option `exceptions`, or null. */
    private readonly exceptions: readonly ExceptionClass[] | null,
    /** The exceptions that the service declares, if the option is null. Null until a processor serves the method. */
    private readonly throws: DeclaredExceptions | null,
    private readonly labels: readonly LabelFunction[],
    private readonly site: string,
    private readonly faults: FaultSink,
    private readonly exemplars: ExemplarSource,
    private readonly errorTypes: ErrorTypeSwitch,
    private readonly failed: FailedRequests,
    /** Receives the kind, the type, and the values of the labels. */
    private readonly source: CellSource<ErrorCounter>,
    private readonly samples: ErrorSampler,
    /** The counters by kind, type, and the values of the labels. */
    private readonly cells = new LabelTree<ErrorCounter>(),
  ) {}

  record(
    call: CallDetails | null,
    error: unknown,
    duration: Observer | null = null,
    seconds = 0,
  ): HandlerFailure {
    const failure = this.describe(error);
    const counter = this.count(call, failure.kind, failure.type, duration, seconds);
    try {
      if (counter !== null) this.samples.take(counter, error);
    } catch (fault) {
      // The stack may be full.
      this.faults.report(this.site, fault);
    }
    return failure;
  }

  describe(error: unknown): HandlerFailure {
    let kind: FailureKind = UNDECLARED;
    let type = UNKNOWN;
    try {
      if (this.isDeclared(error)) kind = DECLARED;
      type = exceptionType(error);
    } catch (fault) {
      // Reading an error can throw, because it may be a proxy or have getters.
      this.faults.report(this.site, fault);
    }
    return { kind, type };
  }

  recordResult(
    call: CallDetails | null,
    type: string,
    duration: Observer | null = null,
    seconds = 0,
  ): void {
    this.count(call, RESULT, type, duration, seconds);
  }

  /** Guarded as a whole, so that no fault in it can replace the error of the call. */
  private count(
    call: CallDetails | null,
    kind: FailureKind,
    type: string,
    duration: Observer | null,
    seconds: number,
  ): ErrorCounter | null {
    try {
      this.failed[kind].value++;
      if (duration !== null && this.errorTypes.recorded) duration.observeErrorType(type, seconds);
      const values = [kind, type];
      if (call !== null) for (const label of this.labels) values.push(label(call));
      const counter = this.cells.get(values) ?? this.make(values);
      counter.countWithExemplar(this.exemplars);
      return counter;
    } catch (fault) {
      this.faults.report(this.site, fault);
      return null;
    }
  }

  private make(values: readonly string[]): ErrorCounter {
    const { cell, kept } = this.source(values);
    if (kept) this.cells.set(values, cell);
    return cell;
  }

  private isDeclared(error: unknown): boolean {
    if (this.exceptions === null) return this.throws?.isDeclared(error) ?? isThriftException(error);
    return this.exceptions.some((exception) => error instanceof exception);
  }
}
