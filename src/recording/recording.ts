import { now, secondsSince, UNTIMED } from '../metrics/clock';
import { CallDetails, type Outcome } from './call';
import type { LabelRow } from './call-labels';
import { CallInProgress } from './in-flight';
import type { Counter, Gauge } from './cells';
import type { Plan } from './plan';

/** A call that has arrived, and is recorded as ended once, however often it is told so. */
export class Recording implements Outcome {
  declare settled: boolean;
  /** Its place among the calls that wait, apart from it: most calls never have one. */
  private listed: CallInProgress | null = null;

  constructor(
    private readonly plan: Plan,
    /** Null where no label depends on the call. */
    private readonly call: CallDetails | null,
    private readonly row: LabelRow | null,
    private readonly inFlight: Gauge,
    private readonly generation: number,
    private readonly start: [number, number],
  ) {
    this.settled = false;
  }

  /** The call has begun to wait for its end. */
  wait(): void {
    const { active } = this.plan;
    if (this.settled || active === null) return;
    this.listed = new CallInProgress(this.start);
    active.enter(this.listed);
  }

  succeed(result: unknown): void {
    if (this.settled) return;
    this.settled = true;
    observeSuccess(this.plan, this.call, this.row, this.start, result);
    this.leave();
  }

  fail(error: unknown): void {
    if (this.settled) return;
    this.settled = true;
    const { plan, start, call } = this;
    if (call !== null) call.error = error;
    if (start !== UNTIMED) {
      if (call === null || plan.labelsOfTimed === null) plan.failed.observeSince(start);
      else {
        const seconds = secondsSince(start);
        const labels = plan.labelsOfTimed;
        labels.failedOf(labels.row(call, this.row)).observe(seconds);
      }
    }
    this.leave();
    if (plan.errors !== null) plan.errors.record(call, error);
  }

  private leave(): void {
    if (this.inFlight.generation === this.generation) this.inFlight.value--;
    if (this.listed !== null) this.listed.leaveList();
  }
}

/** Counts the arrival of a call whose labels may depend on its arguments. */
export function arrive(plan: Plan, args: readonly unknown[]): Recording {
  const call = plan.hasCallLabels ? new CallDetails(args, plan.method, plan.service) : null;
  const row = call === null ? null : rowOnArrival(plan, call);
  const inFlight = call === null ? plan.inFlight : inFlightOf(plan, call, row);
  const requests = call === null ? plan.requests : requestsOf(plan, row);
  requests.value++;
  inFlight.value++;
  const start = plan.timed ? now() : UNTIMED;
  return new Recording(plan, call, row, inFlight, inFlight.generation, start);
}

// What a call writes to where labels depend on it: functions, and no object that holds their results, since whoever
// calls them in one go keeps those in variables (measured: 35 ns a call).

/** The row of the labels that requests have, or else calls in flight; null where neither depends on the call. */
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
  return labels.inFlightOf(row?.labels === labels ? row : labels.row(call, null));
}

/** `row` is the one that the call arrived with: mostly it is that of its end, too. */
export function observeSuccess(
  plan: Plan,
  call: CallDetails | null,
  row: LabelRow | null,
  start: [number, number],
  result: unknown,
): void {
  if (start === UNTIMED) return;
  const labels = plan.labelsOfTimed;
  if (call === null || labels === null) {
    plan.succeeded.observeSince(start);
    return;
  }
  const seconds = secondsSince(start);
  call.result = result;
  labels.succeededOf(labels.row(call, row)).observe(seconds);
}
