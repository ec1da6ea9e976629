import { now, secondsSince, UNTIMED } from '../clock';
import { ObservedCall } from './observed-call';
import type { Gauge, Lookup, Observer, Plan } from './plan';

/** What is told how a call ended. */
export interface Outcome {
  succeed(result: unknown): void;
  fail(error: unknown): void;
}

/** A call that has arrived, and is recorded as ended once, however often it is told so. */
export class ActiveCall implements Outcome {
  settled = false;

  constructor(
    private readonly plan: Plan,
    /** Null where no label depends on the call. */
    private readonly call: ObservedCall | null,
    private readonly inFlight: Gauge,
    private readonly epoch: number,
    private readonly start: [number, number],
  ) {}

  succeed(result: unknown): void {
    if (this.settled) return;
    const seconds = this.settle();
    if (this.call !== null) this.call.result = result;
    const { plan } = this;
    this.observe(plan.succeeded, plan.lookups === null ? null : plan.lookups.succeeded, seconds);
  }

  fail(error: unknown): void {
    if (this.settled) return;
    const seconds = this.settle();
    if (this.call !== null) this.call.error = error;
    const { plan } = this;
    this.observe(plan.failed, plan.lookups === null ? null : plan.lookups.failed, seconds);
    if (plan.errors !== null) plan.errors.record(this.call, error);
  }

  private settle(): number {
    this.settled = true;
    const seconds = this.start === UNTIMED ? 0 : secondsSince(this.start);
    if (this.inFlight.epoch === this.epoch) this.inFlight.value--;
    return seconds;
  }

  private observe(constant: Observer, lookup: Lookup<Observer> | null, seconds: number): void {
    if (this.start === UNTIMED) return;
    if (lookup === null || this.call === null) constant.observe(seconds);
    else lookup.find(this.call).observe(seconds);
  }
}

/** Counts the arrival of a call whose labels may depend on its arguments. */
export function arrive(plan: Plan, args: readonly unknown[]): ActiveCall {
  const { lookups } = plan;
  let { inFlight, requests } = plan;
  let call: ObservedCall | null = null;
  if (lookups !== null) {
    call = new ObservedCall(args, plan.method, plan.service);
    if (lookups.requests !== null) requests = lookups.requests.find(call);
    if (lookups.inFlight !== null) inFlight = lookups.inFlight.find(call);
  }
  requests.value++;
  inFlight.value++;
  return new ActiveCall(plan, call, inFlight, inFlight.epoch, plan.timed ? now() : UNTIMED);
}
