import { now, secondsSince } from '../../metrics/clock';
import { RESULT } from '../../recording/guards';
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

/** A call of a client. Its end is recorded once, however often it is reported. */
export class ClientCall {
  settled = false;
  /** Whether the request waits in the client until there is a connection. */
  waits = false;
  /** The error that decoding its reply threw, or undefined. */
  undecoded: unknown = undefined;
  /** Its index among the pending calls. */
  index = 0;
  private pending: PendingCalls | null = null;
  private readonly start = now();
  private readonly generation: number;
  /** Its slot among the calls in progress. */
  private readonly slot: number;

  constructor(
    readonly client: CallingClient,
    readonly id: number,
    private readonly cells: ClientMethodCells,
  ) {
    const { requests, inFlight, calls } = cells;
    requests.value++;
    inFlight.value++;
    this.generation = inFlight.generation;
    this.slot = calls.enter(this.start);
  }

  /** Adds the call to the calls that the connection can end. */
  waitIn(pending: PendingCalls): void {
    pending.add(this);
    this.pending = pending;
  }

  succeed(): void {
    if (this.settled) return;
    this.cells.succeeded.observeSince(this.start);
    this.leave();
  }

  fail(failure: ClientFailure): void {
    if (this.settled) return;
    this.cells.failed.observeSince(this.start);
    this.leave();
    this.countError(failure);
  }

  /** Records a call that returned. It counts as failed if `judge` returns the type of its failure. */
  judge(judge: () => string | null): void {
    if (this.settled) return;
    // Read first, because the function of the user is not part of the call.
    const seconds = secondsSince(this.start);
    this.leave();
    const type = judge();
    (type === null ? this.cells.succeeded : this.cells.failed).observe(seconds);
    if (type !== null) this.countError({ kind: RESULT, type });
  }

  private countError(failure: ClientFailure): void {
    const { runtime } = this.cells;
    try {
      this.cells.errorsOf(failure).countWithExemplar(runtime.exemplars);
    } catch (fault) {
      runtime.faults.report('client error', fault);
    }
  }

  private leave(): void {
    this.settled = true;
    const { inFlight, calls } = this.cells;
    if (inFlight.generation === this.generation) inFlight.value--;
    calls.leave(this.slot);
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
