import type { EventEmitter } from 'node:events';

import type { Method } from '../../recording/wrap';
import type { Runtime } from '../../runtime/runtime';
import { PendingCalls, type CallingClient, type ClientCall } from './client-call';
import { type ClientFailure, CONNECTION_CLOSED, failureOfConnection } from './client-failure';

/** The common part of Thrift's connections, most of which emit events. */
export interface Connection extends Partial<EventEmitter> {
  write(data: Buffer, id?: number): void;
}

const SITE = 'client connection';

/**
 * Observes a connection of clients: the calls that it has taken, and what it reports about them. It sees what is written and
 * emitted instead of listening, because a listener for `error` would decide whether an error ends the process.
 */
export abstract class ClientConnection<C extends Connection = Connection> {
  readonly clients = new Set<CallingClient>();
  /** The call whose `send_…` runs, until it has written its request. */
  sending: ClientCall | null = null;
  protected readonly pending = new PendingCalls();

  constructor(
    protected readonly runtime: Runtime,
    protected readonly connection: C,
  ) {}

  /** The failure in an error of the connection. */
  protected failureOf(error: unknown): ClientFailure {
    return failureOfConnection(error, this.runtime.faults);
  }

  /** The connection is about to emit an event. */
  protected abstract observe(event: unknown, argument: unknown): void;

  /** Whether a request that is written now waits until the client is connected. */
  protected abstract isWaiting(): boolean;

  /** Whether a request that is written now can never be sent. */
  protected isClosed(): boolean {
    return false;
  }

  /** Writes as the connection does. */
  write(write: Method, args: ArrayLike<unknown>): unknown {
    const call = this.sending;
    if (call === null) return Reflect.apply(write, this.connection, args);
    this.sending = null;
    try {
      this.take(call);
    } catch (fault) {
      this.runtime.faults.report(SITE, fault);
    }
    try {
      return this.writeRequest(call, write, args);
    } catch (error) {
      call.fail(this.failureOf(error));
      throw error;
    }
  }

  /** Decoding a reply has thrown, perhaps only because the rest of its bytes has not arrived yet. */
  keepUndecoded(client: CallingClient, id: number, error: unknown): void {
    for (const call of this.pending.current()) {
      if (call.client === client && call.id === id) call.undecoded = error;
    }
  }

  /** Never throws. */
  observeEvent(event: unknown, argument: unknown): void {
    try {
      if (event === 'error') this.failUndecoded(argument);
      this.observe(event, argument);
    } catch (error) {
      this.runtime.faults.report(SITE, error);
    }
  }

  protected writeRequest(_call: ClientCall, write: Method, args: ArrayLike<unknown>): unknown {
    return Reflect.apply(write, this.connection, args);
  }

  /** The waiting requests were written. */
  protected queueIsSent(): void {
    for (const call of this.pending.current()) call.waits = false;
    this.leaveQueue();
  }

  /** The waiting requests will not be written. */
  protected queueIsDropped(): void {
    this.leaveQueue();
  }

  protected failSent(failure: ClientFailure): void {
    for (const call of this.pending.current()) if (!call.waits) call.fail(failure);
  }

  protected failAll(failure: ClientFailure): void {
    for (const call of this.pending.current()) call.fail(failure);
  }

  private take(call: ClientCall): void {
    if (this.isClosed()) return call.fail(CONNECTION_CLOSED);
    call.waitIn(this.pending);
    if (this.isWaiting()) {
      call.waits = true;
      call.client.enterQueue();
    }
  }

  /** A connection that emits the error of a reply has given up on that reply. */
  private failUndecoded(error: unknown): void {
    if (error === undefined) return;
    for (const call of this.pending.current()) {
      if (call.undecoded === error) call.fail(this.failureOf(error));
    }
  }

  private leaveQueue(): void {
    for (const client of this.clients) client.leaveQueue();
  }
}
