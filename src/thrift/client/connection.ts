import type { EventEmitter } from 'node:events';

import type { Method } from '../../recording/wrap';
import { faults } from '../../runtime/faults';
import { type ClientCall, PendingCalls } from './client-call';
import { type ClientFailure, CONNECTION_CLOSED, failureOfConnection } from './client-failure';
import type { InstrumentedClient } from './instrumented-client';

/** What all connections of Thrift have, and most emit events. */
export interface Connection extends Partial<EventEmitter> {
  write(data: Buffer, id?: number): void;
}

const SITE = 'client connection';

/**
 * A client's connection under observation: which calls it has taken, and what it reports of them. It is asked by
 * whoever writes to it and whoever emits its events, since a listener for `error` would decide whether the process dies.
 */
export abstract class ClientConnection<C extends Connection = Connection> {
  readonly clients = new Set<InstrumentedClient>();
  /** The call whose `send_…` runs, until it has written its request. */
  sending: ClientCall | null = null;
  protected readonly pending = new PendingCalls();

  constructor(protected readonly connection: C) {}

  /** The connection is about to emit an event. */
  protected abstract observe(event: unknown, argument: unknown): void;

  /** Whether what is written now waits until there is a connection. */
  protected abstract isWaiting(): boolean;

  /** Whether what is written now can never be sent. */
  protected isClosed(): boolean {
    return false;
  }

  /** Does what the connection does to write. */
  write(write: Method, args: ArrayLike<unknown>): unknown {
    const call = this.sending;
    if (call === null) return Reflect.apply(write, this.connection, args);
    this.sending = null;
    try {
      this.take(call);
    } catch (fault) {
      faults.report(SITE, fault);
    }
    try {
      return this.writeRequest(call, write, args);
    } catch (error) {
      call.fail(failureOfConnection(error));
      throw error;
    }
  }

  /** The decoding of a reply has thrown. That may have been for want of bytes that are still to come. */
  keepUndecoded(client: InstrumentedClient, id: number, error: unknown): void {
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
      faults.report(SITE, error);
    }
  }

  protected writeRequest(_call: ClientCall, write: Method, args: ArrayLike<unknown>): unknown {
    return Reflect.apply(write, this.connection, args);
  }

  /** What waited in the client is written. */
  protected queueIsSent(): void {
    for (const call of this.pending.current()) call.waits = false;
    this.leaveQueue();
  }

  /** What waits in the client will not be written. */
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

  /** A connection that emits what was thrown has given the reply up. */
  private failUndecoded(error: unknown): void {
    if (error === undefined) return;
    for (const call of this.pending.current()) {
      if (call.undecoded === error) call.fail(failureOfConnection(error));
    }
  }

  private leaveQueue(): void {
    for (const client of this.clients) client.leaveQueue();
  }
}
