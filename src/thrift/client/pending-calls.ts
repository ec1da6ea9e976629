import type { ClientCall } from './client-call';

/** The calls that a connection has taken, in no order. Entering and leaving is what every call does: a Set hashes twice. */
export class PendingCalls {
  private readonly calls: ClientCall[] = [];

  get size(): number {
    return this.calls.length;
  }

  add(call: ClientCall): void {
    call.place = this.calls.push(call) - 1;
  }

  delete(call: ClientCall): void {
    const { calls } = this;
    const last = calls.pop() as ClientCall;
    if (last === call) return;
    calls[call.place] = last;
    last.place = call.place;
  }

  /** Those of now: who is told that it failed leaves. */
  current(): ClientCall[] {
    return this.calls.slice();
  }
}
