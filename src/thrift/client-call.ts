import { ListedCall } from '../call/active-calls';
import { now } from '../clock';
import { faults } from '../registry/faults';
import type { ClientMethodCells } from './client-cells';
import type { ClientFailure } from './client-failure';
import type { InstrumentedClient } from './instrumented-client';

/** A call of a client, recorded as ended once, however often and by whomever it is told so. */
export class ClientCall extends ListedCall {
  settled = false;
  /** Whether the request waits in the client until there is a connection. */
  waits = false;
  /** What the decoding of its reply has thrown; undefined where it has not. */
  undecoded: unknown = undefined;
  private readonly epoch: number;
  private pending: Set<ClientCall> | null = null;

  constructor(
    readonly client: InstrumentedClient,
    readonly id: number,
    private readonly cells: ClientMethodCells,
  ) {
    super(now());
    cells.requests.value++;
    cells.inFlight.value++;
    this.epoch = cells.inFlight.epoch;
    cells.calls.enter(this);
  }

  /** From now on the connection may end it. */
  waitIn(pending: Set<ClientCall>): void {
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
