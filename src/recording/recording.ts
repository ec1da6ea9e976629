import { nanosecondsBetween, now, UNTIMED } from '../metrics/clock';
import { SLOW } from '../metrics/latency-class';
import { CallDetails, type Outcome } from './call';
import type { PublishedCall } from './call-channel';
import type { CallFailure } from './call-message';
import type { CallReference, ServedCall } from './call-reference';
import type { LabelRow } from './call-labels';
import type { CallerFailures, Counter, Gauge, Observer } from './cells';
import { describeUncounted } from './error-recorder';
import type { CallsInProgress } from './in-flight';
import type { Plan } from './plan';

/** The recording of one call that has arrived. Its end is recorded once, however often it is reported. */
export class Recording implements Outcome, CallReference {
  settled = false;
  /** Its slot among the calls in progress, or -1 if it has none. */
  private slot = -1;
  /** Null if the events of the call are not published. */
  published: PublishedCall | null = null;
  /** Counts the call for its caller if it fails. Null if the caller is not known. */
  failures: CallerFailures | null = null;
  args: readonly unknown[] | null = null;
  readonly served: ServedCall | null;

  /**
   * @param call null if nothing that is recorded depends on the call
   * @param row the label row that the call arrived with
   * @param start when the call arrived, or `UNTIMED`
   */
  constructor(
    private readonly plan: Plan,
    private readonly call: CallDetails | null,
    private readonly row: LabelRow | null,
    readonly inFlight: Gauge,
    readonly generation: number,
    private readonly start: [number, number],
  ) {
    this.served = plan.kept === null ? null : plan.kept.incoming();
  }

  /** Lists the call among those in progress, because it has returned before its end. */
  wait(): void {
    const { active } = this.plan;
    if (this.settled || active === null) return;
    const { served, args, published } = this;
    const isKnown = served !== null || args !== null || published !== null;
    if (served !== null && (args !== null || published !== null)) served.handler = this;
    this.slot = active.enter(this.start, isKnown ? this : null);
  }

  /**
   * Records the synchronous part of the call. Called when the method has returned or thrown.
   *
   * @param spent what `eventLoop.spent` was when the call arrived
   * @returns when that was, or undefined if it is not recorded
   */
  returned(spent: number): [number, number] | undefined {
    const { plan, start } = this;
    return plan.loop === null ? undefined : recordReturn(plan, start, spent);
  }

  /** @param end when the call settled, if the clock has been read since */
  succeed(result: unknown, end: [number, number] = endOf(this.start)): void {
    if (this.settled) return;
    // Without a call between the two, so that a stack overflow cannot separate them.
    this.settled = true;
    if (this.inFlight.generation === this.generation) this.inFlight.value--;
    this.leaveSlot();
    if (this.published === null) {
      const failure = recordResult(this.plan, this.call, this.row, this.start, end, result, this);
      if (failure !== null) this.countForCaller();
    } else this.publishResult(this.published, end, result);
  }

  /** @param end when the call settled, if the clock has been read since */
  fail(error: unknown, end: [number, number] = endOf(this.start)): void {
    if (this.settled) return;
    // Without a call between the two, so that a stack overflow cannot separate them.
    this.settled = true;
    if (this.inFlight.generation === this.generation) this.inFlight.value--;
    this.leaveSlot();
    this.countForCaller();
    if (this.published === null) {
      recordError(this.plan, this.call, this.row, this.start, end, error, this);
    } else this.publishError(this.published, end, error);
  }

  private publishResult(published: PublishedCall, end: [number, number], result: unknown): void {
    const { plan, call, row, start } = this;
    const failure = published.record(() => recordResult(plan, call, row, start, end, result, this));
    if (failure !== null) this.countForCaller();
    published.succeed(result, failure);
  }

  private publishError(published: PublishedCall, end: [number, number], error: unknown): void {
    const { plan, call, row, start } = this;
    published.record(() => recordError(plan, call, row, start, end, error, this));
    published.fail(error, plan.errors?.describe(error) ?? describeUncounted(error));
  }

  private countForCaller(): void {
    if (this.failures !== null) this.failures.count();
  }

  private leaveSlot(): void {
    if (this.slot !== -1) (this.plan.active as CallsInProgress).leave(this.slot);
  }
}

/** Records the arrival of a call and begins its recording. */
export function arrive(plan: Plan, args: readonly unknown[]): Recording {
  const call = plan.needsCall ? new CallDetails(args, plan.method, plan.service) : null;
  const row = call === null ? null : rowOnArrival(plan, call);
  const inFlight = call === null ? plan.inFlight : inFlightOf(plan, call, row);
  const requests = call === null ? plan.requests : requestsOf(plan, row);
  const start = plan.timed ? now() : UNTIMED;
  const recording = new Recording(plan, call, row, inFlight, inFlight.generation, start);
  // Last, because the stack can overflow at each call above.
  requests.value++;
  inFlight.value++;
  return recording;
}

// Functions instead of an object with their results, because the wrapper keeps the results in variables: 35 ns per call.

/** The label row of the requests, or else of the calls in flight. Null if neither depends on the call. */
export function rowOnArrival(plan: Plan, call: CallDetails): LabelRow | null {
  const labels = plan.labelsOfRequests ?? plan.labelsOfInFlight;
  return labels === null ? null : labels.row(call, null);
}

export function requestsOf(plan: Plan, row: LabelRow | null): Counter {
  const labels = plan.labelsOfRequests;
  return labels === null ? plan.requests : labels.requestsOf(row as LabelRow);
}

export function inFlightOf(plan: Plan, call: CallDetails, row: LabelRow | null): Gauge {
  const labels = plan.labelsOfInFlight;
  if (labels === null) return plan.inFlight;
  const arrived = row as LabelRow;
  return labels.inFlightOf(arrived.labels === labels ? arrived : labels.row(call, null));
}

/** What has been recorded of the event loop's time, for the call that begins now. */
export function spentBefore({ loop }: Plan): number {
  return loop === null ? 0 : loop.eventLoop.spent;
}

/** Reads the clock at the end of a call, unless the call is not timed. */
export function endOf(start: [number, number]): [number, number] {
  return start === UNTIMED ? UNTIMED : now();
}

/** Records the synchronous part of a call whose method has returned or thrown, and returns when that was. */
export function recordReturn(
  { loop }: Plan,
  start: [number, number],
  spent: number,
): [number, number] {
  const end = endOf(start);
  if (loop !== null && start !== UNTIMED) {
    loop.record(nanosecondsBetween(start, end), end[0], spent);
  }
  return end;
}

/**
 * Records the end of a call that returned. `row` is the row it arrived with, which usually fits its end as well. `end` is
 * read by the caller, because `failed` and label functions are not part of the call. `reference` is what else is known about
 * the call.
 *
 * @returns the type of the failure if the call counts as failed, or null
 */
export function recordResult(
  plan: Plan,
  call: CallDetails | null,
  row: LabelRow | null,
  start: [number, number],
  end: [number, number],
  result: unknown,
  reference: CallReference | null = null,
): string | null {
  const { kept } = plan;
  const nanoseconds = nanosecondsBetween(start, end);
  if (call === null) {
    if (start === UNTIMED) return null;
    plan.succeeded.observe(nanoseconds / 1e9);
    if (nanoseconds >= SLOW && kept !== null) kept.keepSlow(start, end, reference);
    return null;
  }
  const seconds = nanoseconds / 1e9;
  call.result = result;
  const { failedOfTimed, failedOfErrors } = plan;
  const failureOfTimed = failedOfTimed === null ? null : failedOfTimed(call);
  const failureOfErrors =
    failedOfErrors === failedOfTimed
      ? failureOfTimed
      : failedOfErrors === null
        ? null
        : failedOfErrors(call);
  let failed: Observer | null = null;
  if (start !== UNTIMED) {
    const observer = observerOf(plan, call, row, failureOfTimed === null);
    observer.observe(seconds);
    if (failureOfTimed !== null) failed = observer;
  }
  if (failureOfErrors !== null && plan.errors !== null) {
    plan.errors.recordResult(call, failureOfErrors, failed, seconds);
    const failure: CallFailure = { kind: 'result', type: failureOfErrors };
    plan.kept?.keepFailed(failure, undefined, false, start, end, reference);
  } else if (nanoseconds >= SLOW && failureOfTimed === null && kept !== null) {
    kept.keepSlow(start, end, reference);
  }
  return failureOfErrors ?? failureOfTimed;
}

/** Records the end of a call that threw, rejected, or passed an error to its callback. */
export function recordError(
  plan: Plan,
  call: CallDetails | null,
  row: LabelRow | null,
  start: [number, number],
  end: [number, number],
  error: unknown,
  reference: CallReference | null = null,
): void {
  const seconds = nanosecondsBetween(start, end) / 1e9;
  if (call !== null) call.error = error;
  let failed: Observer | null = null;
  if (start !== UNTIMED) {
    failed = call === null ? plan.failed : observerOf(plan, call, row, false);
    failed.observe(seconds);
  }
  if (plan.errors === null) return;
  const failure = plan.errors.record(call, error, failed, seconds);
  plan.kept?.keepFailed(failure, error, true, start, end, reference);
}

function observerOf(
  plan: Plan,
  call: CallDetails,
  row: LabelRow | null,
  isSuccess: boolean,
): Observer {
  const labels = plan.labelsOfTimed;
  if (labels === null) return isSuccess ? plan.succeeded : plan.failed;
  const settled = labels.row(call, row);
  return isSuccess ? labels.succeededOf(settled) : labels.failedOf(settled);
}
