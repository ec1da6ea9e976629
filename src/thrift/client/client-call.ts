import { now } from '../../metrics/clock';
import { ListedCall } from '../../recording/in-flight';
import { faults } from '../../runtime/faults';
import type { ClientMethodCells } from './client-cells';
import type { ClientFailure } from './client-failure';
import type { InstrumentedClient } from './instrumented-client';

/** A call of a client, recorded as ended once, however often and by whomever it is told so. */
export class ClientCall extends ListedCall {
  // Declared, since V8 is slow to define the fields of a derived class.
  declare settled: boolean;
  /** Whether the request waits in the client until there is a connection. */
  declare waits: boolean;
  /** What the decoding of its reply has thrown; undefined where it has not. */
  declare undecoded: unknown;
  /** Where it stands among those that are pending. */
  declare place: number;
  declare private pending: PendingCalls | null;
  declare private readonly epoch: number;

  constructor(
    readonly client: InstrumentedClient,
    readonly id: number,
    private readonly cells: ClientMethodCells,
  ) {
    super(now());
    this.settled = false;
    this.waits = false;
    this.undecoded = undefined;
    this.place = 0;
    this.pending = null;
    const { requests, inFlight, calls } = cells;
    requests.value++;
    inFlight.value++;
    this.epoch = inFlight.epoch;
    calls.enter(this);
  }

  /** From now on the connection may end it. */
  waitIn(pending: PendingCalls): void {
    pending.add(this);
    this.pending = pending;
  }

  succeed(): void {
    if (this.settled) return;
    this.cells.succeeded.observeSince(this.since);
    this.leave();
  }

  fail(failure: ClientFailure): void {
    if (this.settled) return;
    this.cells.failed.observeSince(this.since);
    this.leave();
    try {
      this.cells.errorsOf(failure).countWithExemplar();
    } catch (fault) {
      faults.report('client error', fault);
    }
  }

  private leave(): void {
    this.settled = true;
    const { inFlight } = this.cells;
    if (inFlight.epoch === this.epoch) inFlight.value--;
    this.leaveList();
    if (this.pending !== null) this.pending.delete(this);
  }
}

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
