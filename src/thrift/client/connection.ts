import type { EventEmitter } from 'node:events';

import type { Method } from '../../recording/wrap';
import type { ThriftAddress } from '../../recording/call-message';
import type { Runtime } from '../../runtime/runtime';
import { PendingCalls, type ClientCall } from './client-call';
import { type ClientFailure, CONNECTION_CLOSED, failureOfConnection } from './client-failure';
import type { ClientConnectionCells, ClientProfile } from './client-profile';
import { OfflineQueue } from './offline-queue';

/** The members that all of Thrift's connections have. Most connections emit events. */
export interface Connection extends Partial<EventEmitter> {
  write(data: Buffer, id?: number): void;
}

const SITE = 'client connection';

/** The address in the fields of one of Thrift's connections or in the options of a request. */
export function addressOf(holder: object): ThriftAddress | undefined {
  const { host, port, path } = holder as { host?: unknown; port?: unknown; path?: unknown };
  if (typeof host === 'string') return { address: host, port: portOf(port) };
  return typeof path === 'string' ? { address: path, port: undefined } : undefined;
}

function portOf(port: unknown): number | undefined {
  const number = Number(port ?? NaN);
  return Number.isInteger(number) ? number : undefined;
}

/**
 * Observes a connection of clients: the calls that it has taken, and the events that end them. It replaces `write` and
 * `emit` instead of listening, because with a listener for `error` an error would no longer end the process.
 */
export abstract class ClientConnection<C extends Connection = Connection> {
  /** The cells for each name of its clients. The clients themselves are not kept, because a pool makes one for each call. */
  readonly cells = new Set<ClientConnectionCells>();
  /** The call whose `send_…` runs, until it has written its request. */
  sending: ClientCall | null = null;
  protected readonly pending = new PendingCalls();
  private readonly queue = new OfflineQueue();

  constructor(
    protected readonly runtime: Runtime,
    protected readonly connection: C,
  ) {}

  /** The failure in an error of the connection. */
  protected failureOf(error: unknown): ClientFailure {
    return failureOfConnection(error, this.runtime.faults);
  }

  /** Called before the connection emits an event. */
  protected abstract observe(event: unknown, argument: unknown): void;

  /** Whether a request that is written now waits until the client is connected. */
  protected abstract isWaiting(): boolean;

  /** Whether a request that is written now can never be sent. */
  protected isClosed(): boolean {
    return false;
  }

  /** The host and port, or the path, that the connection was created with, if it has them. */
  server(): ThriftAddress | undefined {
    return addressOf(this.connection);
  }

  /** The other end of the connection, if it is connected and known. */
  peer(): ThriftAddress | undefined {
    return undefined;
  }

  /** Calls the `write` of the connection. */
  write(write: Method, args: ArrayLike<unknown>): unknown {
    const call = this.sending;
    if (call === null) return Reflect.apply(write, this.connection, args);
    this.sending = null;
    try {
      const data = args[0];
      if (Buffer.isBuffer(data)) call.requestSize = data.length;
      this.take(call);
    } catch (fault) {
      this.runtime.faults.report(SITE, fault);
    }
    try {
      return this.writeRequest(call, write, args);
    } catch (error) {
      call.fail(this.failureOf(error), error);
      throw error;
    }
  }

  /** Remembers the error of decoding a reply. It may only mean that the rest of the reply has not arrived yet. */
  keepUndecoded(profile: ClientProfile, id: number, error: unknown): void {
    for (const call of this.pending.current()) {
      if (call.profile === profile && call.id === id) call.undecoded = error;
    }
  }

  /** Called before the connection emits an event. Never throws. */
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

  /** Called when the waiting requests are written. */
  protected queueIsSent(): void {
    for (const call of this.pending.current()) call.waits = false;
    this.queue.leave();
  }

  /** Called when it is certain that the waiting requests are not written. */
  protected queueIsDropped(): void {
    this.queue.leave();
  }

  protected failSent(failure: ClientFailure, error?: unknown): void {
    for (const call of this.pending.current()) if (!call.waits) call.fail(failure, error);
  }

  protected failAll(failure: ClientFailure, error?: unknown): void {
    for (const call of this.pending.current()) call.fail(failure, error);
  }

  private take(call: ClientCall): void {
    if (this.isClosed()) return call.fail(CONNECTION_CLOSED);
    call.waitIn(this.pending);
    if (this.isWaiting()) {
      call.waits = true;
      this.queue.enter(call.profile.connection.offlineQueue);
    }
  }

  /** Fails the calls whose reply threw this error. A connection emits such an error when it gives up on the reply. */
  private failUndecoded(error: unknown): void {
    if (error === undefined) return;
    for (const call of this.pending.current()) {
      if (call.undecoded === error) call.fail(this.failureOf(error), error);
    }
  }
}
