import { now } from '../../metrics/clock';
import { CallInProgress } from '../../recording/in-flight';
import type { ClientConnectionCells, ClientMethodCells } from './client-cells';
import type { ClientFailure } from './client-failure';

/** A client as its connection sees it. */
export interface CallingClient {
  readonly cells: ClientConnectionCells;
  /** Counts one more message that waits in the client. */
  enterQueue(): void;
  /** Called when all waiting messages were sent or dropped. */
  leaveQueue(): void;
}

/** A call of a client. Its end is recorded once, even if it is reported several times. */
export class ClientCall extends CallInProgress {
  // Declared here and assigned in the constructor, because V8 defines the fields of derived classes slowly.
  declare settled: boolean;
  /** Whether the request waits in the client until it is connected. */
  declare waits: boolean;
  /** The error that decoding the reply threw, or undefined. */
  declare undecoded: unknown;
  /** The index among the pending calls of the connection. */
  declare index: number;
  declare private pending: PendingCalls | null;
  declare private readonly generation: number;

  constructor(
    readonly client: CallingClient,
    readonly id: number,
    private readonly cells: ClientMethodCells,
  ) {
    super(now());
    this.settled = false;
    this.waits = false;
    this.undecoded = undefined;
    this.index = 0;
    this.pending = null;
    const { requests, inFlight, calls } = cells;
    requests.value++;
    inFlight.value++;
    this.generation = inFlight.generation;
    calls.enter(this);
  }

  /** Adds the call to the calls that the connection can end. */
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
    const { runtime } = this.cells;
    try {
      this.cells.errorsOf(failure).countWithExemplar(runtime.exemplars);
    } catch (fault) {
      runtime.faults.report('client error', fault);
    }
  }

  private leave(): void {
    this.settled = true;
    const { inFlight } = this.cells;
    if (inFlight.generation === this.generation) inFlight.value--;
    this.leaveList();
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
