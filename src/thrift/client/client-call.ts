import { now, secondsSince } from '../../metrics/clock';
import type { CallDetails, FailedCheck, LabelFunction } from '../../recording/call';
import type { PublishedCall } from '../../recording/call-channel';
import type { CallLabels } from '../../recording/call-labels';
import type { Counter, Gauge, Observer } from '../../recording/cells';
import { RESULT } from '../../recording/guards';
import { failureOfReply, failureWithoutReply, type ClientFailure } from './client-failure';
import type { ClientMethodMetrics } from './client-method-metrics';
import type { ClientProfile } from './client-profile';

/** The functions in the options of one client. */
export interface ClientFunctions {
  /** The option `failed`, or null. */
  readonly failed: FailedCheck | null;
  /** The functions in the option `labels`. */
  readonly labels: readonly LabelFunction[];
}

/** A call, for the functions in the options of its client. */
export interface ObservedCall {
  /** The option `failed`, or null for calls without a result. */
  readonly failed: FailedCheck | null;
  readonly labels: readonly LabelFunction[];
  readonly details: CallDetails;
}

const NO_VALUES: readonly string[] = [];

/** A call of a client. Its end is recorded once, however often it is reported. Recording an end never throws. */
export class ClientCall {
  settled = false;
  /** Whether the client has read a reply to it. */
  hasReply = false;
  /** Whether the request waits in the client until there is a connection. */
  waits = false;
  /** The error that decoding its reply threw, or undefined. */
  undecoded: unknown = undefined;
  /** Null if the events of the call are not published. */
  published: PublishedCall | null = null;
  /** Number of bytes that the client has written, or undefined if it has not written the request. */
  requestSize: number | undefined = undefined;
  /** Number of bytes of the reply, or undefined if none is decoded or the call is not published. */
  responseSize: number | undefined = undefined;
  /** Its index among the pending calls. */
  index = 0;
  private hasFailed = false;
  private isAnswered = false;
  private pending: PendingCalls | null = null;
  private readonly start = now();
  private readonly inFlight: Gauge;
  private readonly generation: number;
  /** Its slot among the calls in progress. */
  private readonly slot: number;

  constructor(
    readonly profile: ClientProfile,
    readonly id: number,
    private readonly method: ClientMethodMetrics,
    /** Null if the client has no functions in its options. */
    private readonly observed: ObservedCall | null,
  ) {
    const { cells, rows } = method;
    let requests: Counter;
    let inFlight: Gauge;
    if (cells === null) {
      const labels = rows as CallLabels;
      const row = labels.rowOf(this.labelValues());
      requests = labels.requestsOf(row);
      inFlight = labels.inFlightOf(row);
    } else ({ requests, inFlight } = cells);
    requests.value++;
    inFlight.value++;
    this.inFlight = inFlight;
    this.generation = inFlight.generation;
    this.slot = method.calls.enter(this.start);
  }

  /** Adds the call to the calls that the connection can end. */
  waitIn(pending: PendingCalls): void {
    pending.add(this);
    this.pending = pending;
  }

  /** Records what the client passes to the caller. */
  answer(error: unknown, result: unknown): void {
    const { faults } = this.method.runtime;
    const isLate = this.hasFailed && this.hasReply && !this.isAnswered;
    this.isAnswered = true;
    if (isLate) this.countLateReply();
    else if (this.settled) return;
    else if (!error) this.succeed(result);
    else {
      const failure = this.hasReply
        ? failureOfReply(error, faults)
        : failureWithoutReply(error, faults);
      this.fail(failure, error);
    }
  }

  /** Records a call that returned, which may count as failed. */
  succeed(result?: unknown): void {
    if (this.settled) return;
    // Read first, because the functions of the user are not part of the call.
    const seconds = secondsSince(this.start);
    this.leave();
    const { published } = this;
    if (published === null) this.recordResult(result, seconds);
    else
      published.succeed(
        result,
        published.record(() => this.recordResult(result, seconds)),
      );
  }

  /** Records a call that failed with an error, or is lost without one. */
  fail(failure: ClientFailure, error?: unknown): void {
    if (this.settled) return;
    const seconds = secondsSince(this.start);
    if (this.observed !== null) this.observed.details.error = error;
    this.hasFailed = true;
    this.leave();
    const { published } = this;
    if (published === null) this.recordError(failure, seconds);
    else {
      published.record(() => this.recordError(failure, seconds));
      published.fail(error, failure);
    }
  }

  /** Records a call that returned. Returns the type of its failure if it counts as failed, or null. */
  private recordResult(result: unknown, seconds: number): string | null {
    let type: string | null = null;
    try {
      type = this.failureIn(result);
      if (type === null) this.succeededCell(this.labelValues()).observe(seconds);
      else this.recordFailure({ kind: RESULT, type }, seconds);
    } catch (fault) {
      this.report(fault);
    }
    return type;
  }

  private recordError(failure: ClientFailure, seconds: number): void {
    try {
      this.recordFailure(failure, seconds);
    } catch (fault) {
      this.report(fault);
    }
  }

  /** The type of the failure that `failed` sees in a result, or null. */
  private failureIn(result: unknown): string | null {
    const { observed } = this;
    if (observed === null) return null;
    observed.details.result = result;
    return observed.failed?.(observed.details) ?? null;
  }

  private recordFailure(failure: ClientFailure, seconds: number): void {
    // First, because the functions of the user can fail.
    this.method.failedRequestsOf(failure).value++;
    const values = this.labelValues();
    const { runtime } = this.method;
    const duration = this.failedCell(values);
    duration.observe(seconds);
    if (runtime.errorTypes.recorded) duration.observeErrorType(failure.type, seconds);
    this.method.errorsOf(failure, values).countWithExemplar(runtime.exemplars);
  }

  private countLateReply(): void {
    try {
      this.method.lateRepliesOf(this.labelValues()).value++;
    } catch (fault) {
      this.report(fault);
    }
  }

  private succeededCell(values: readonly string[]): Observer {
    const { cells, rows } = this.method;
    return cells?.succeeded ?? (rows as CallLabels).succeededOf((rows as CallLabels).rowOf(values));
  }

  private failedCell(values: readonly string[]): Observer {
    const { cells, rows } = this.method;
    return cells?.failed ?? (rows as CallLabels).failedOf((rows as CallLabels).rowOf(values));
  }

  /** The values of the labels that depend on the call, as it is now. */
  private labelValues(): readonly string[] {
    if (this.method.rows === null) return NO_VALUES;
    const { labels, details } = this.observed as ObservedCall;
    return labels.map((label) => label(details));
  }

  private report(fault: unknown): void {
    this.method.runtime.faults.report('client call', fault);
  }

  private leave(): void {
    this.settled = true;
    const { inFlight } = this;
    if (inFlight.generation === this.generation) inFlight.value--;
    this.method.calls.leave(this.slot);
    if (this.pending !== null) this.pending.delete(this);
  }
}

/** The calls that a connection has taken, in no order. An array, because a Set would hash every call twice. */
export class PendingCalls {
  private readonly calls: ClientCall[] = [];

  get size(): number {
    return this.calls.length;
  }

  add(call: ClientCall): void {
    call.index = this.calls.push(call) - 1;
  }

  delete(call: ClientCall): void {
    const { calls } = this;
    const last = calls.pop() as ClientCall;
    if (last === call) return;
    calls[call.index] = last;
    last.index = call.index;
  }

  /** Returns a snapshot, because failing a call removes it. */
  current(): ClientCall[] {
    return this.calls.slice();
  }
}
