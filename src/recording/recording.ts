import { now, secondsSince, UNTIMED } from '../metrics/clock';
import { CallDetails, type Outcome } from './call';
import type { LabelRow } from './call-labels';
import type { Counter, Gauge } from './cells';
import type { CallsInProgress } from './in-flight';
import type { Plan } from './plan';

/** The recording of one call that has arrived. Its end is recorded once, however often it is reported. */
export class Recording implements Outcome {
  settled = false;
  /** Its slot among the calls in progress, or -1 if it has none. */
  private slot = -1;

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
  ) {}

  /** Lists the call among those in progress, because it has returned before its end. */
  wait(): void {
    const { active } = this.plan;
    if (!this.settled && active !== null) this.slot = active.enter(this.start);
  }

  succeed(result: unknown): void {
    if (this.settled) return;
    // Without a call between the two, so that a stack overflow cannot separate them.
    this.settled = true;
    if (this.inFlight.generation === this.generation) this.inFlight.value--;
    this.leaveSlot();
    recordResult(this.plan, this.call, this.row, this.start, result);
  }

  fail(error: unknown): void {
    if (this.settled) return;
    // Without a call between the two, so that a stack overflow cannot separate them.
    this.settled = true;
    if (this.inFlight.generation === this.generation) this.inFlight.value--;
    this.leaveSlot();
    recordError(this.plan, this.call, this.row, this.start, error);
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

/** Records the end of a call that returned. `row` is the row it arrived with, which usually fits its end as well. */
export function recordResult(
  plan: Plan,
  call: CallDetails | null,
  row: LabelRow | null,
  start: [number, number],
  result: unknown,
): void {
  if (call === null) {
    if (start !== UNTIMED) plan.succeeded.observeSince(start);
    return;
  }
  // Read first, because `failed` and label functions are not part of the call.
  const seconds = start === UNTIMED ? 0 : secondsSince(start);
  call.result = result;
  const { failedOfTimed, failedOfErrors } = plan;
  const failureOfTimed = failedOfTimed === null ? null : failedOfTimed(call);
  const failureOfErrors =
    failedOfErrors === failedOfTimed
      ? failureOfTimed
      : failedOfErrors === null
        ? null
        : failedOfErrors(call);
  if (start !== UNTIMED) observe(plan, call, row, seconds, failureOfTimed === null);
  if (failureOfErrors !== null && plan.errors !== null) {
    plan.errors.recordResult(call, failureOfErrors);
  }
}

/** Records the end of a call that threw, rejected, or passed an error to its callback. */
export function recordError(
  plan: Plan,
  call: CallDetails | null,
  row: LabelRow | null,
  start: [number, number],
  error: unknown,
): void {
  if (start !== UNTIMED) {
    if (call === null) plan.failed.observeSince(start);
    else {
      const seconds = secondsSince(start);
      call.error = error;
      observe(plan, call, row, seconds, false);
    }
  }
  if (call !== null) call.error = error;
  if (plan.errors !== null) plan.errors.record(call, error);
}

function observe(
  plan: Plan,
  call: CallDetails,
  row: LabelRow | null,
  seconds: number,
  isSuccess: boolean,
): void {
  const labels = plan.labelsOfTimed;
  if (labels === null) (isSuccess ? plan.succeeded : plan.failed).observe(seconds);
  else {
    const settled = labels.row(call, row);
    (isSuccess ? labels.succeededOf(settled) : labels.failedOf(settled)).observe(seconds);
  }
}
