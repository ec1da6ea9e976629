import type { Duplex } from 'node:stream';

import type { ThriftAddress } from '../../recording/call-message';
import { peerOf } from '../socket-address';
import { ClientConnection, type Connection } from './connection';
import { CONNECTION_CLOSED, TIMED_OUT, type ClientFailure } from './client-failure';

/** The state of Thrift's `Connection`, over TCP, TLS or a Unix socket, and of its `StdIOConnection`. */
interface StreamConnection extends Connection {
  readonly connection: Duplex;
  readonly offline_queue: readonly Buffer[];
  readonly connected: boolean;
  readonly ssl?: boolean;
  readonly forceClose?: boolean;
  readonly max_attempts?: number;
  readonly attempts?: number;
  readonly retry_timer?: object | null;
  readonly retry_totaltime?: number;
  readonly connect_timeout?: number | false;
}

export function isStreamConnection(connection: Connection): connection is StreamConnection {
  return 'offline_queue' in connection && 'connection' in connection;
}

/** A stream of requests and replies. Its end fails the calls that it carries. */
export class ClientStreamConnection extends ClientConnection<StreamConnection> {
  override peer(): ThriftAddress | undefined {
    return peerOf(this.connection.connection);
  }

  protected override isClosed(): boolean {
    return this.connection.connection.destroyed && !this.willRetry();
  }

  protected override isWaiting(): boolean {
    return !this.connection.connected;
  }

  protected override observe(event: unknown, argument: unknown): void {
    switch (event) {
      case 'connect':
        return this.queueIsSent();
      case 'timeout':
        return this.failAll(TIMED_OUT);
      case 'error':
        // Any other error concerns one reply, or was thrown by a callback of the program.
        if (argument === this.connection.connection.errored) this.streamHasFailed();
        return;
      case 'reconnecting':
        this.countReconnect();
        return this.failSent(this.reason(), this.error());
      case 'close':
        return this.streamIsGone();
    }
  }

  /** Waiting requests may still be sent after the next attempt to connect. */
  private streamHasFailed(): void {
    if (this.willRetry()) this.failSent(this.reason(), this.error());
    else this.streamIsGone();
  }

  private streamIsGone(): void {
    this.failAll(this.reason(), this.error());
    this.queueIsDropped();
  }

  private reason(): ClientFailure {
    const error = this.error();
    return error === undefined ? CONNECTION_CLOSED : this.failureOf(error);
  }

  private error(): unknown {
    return this.connection.connection.errored ?? undefined;
  }

  /** Whether Thrift is going to connect again after the stream has ended. */
  private willRetry(): boolean {
    const { ssl, forceClose, max_attempts: maximum, attempts = 0, retry_timer } = this.connection;
    if (forceClose || ssl || !maximum) return false;
    if (retry_timer) return true;
    const { connect_timeout: timeout, retry_totaltime: total = 0 } = this.connection;
    return attempts < maximum && !(timeout && total >= timeout);
  }

  private countReconnect(): void {
    if (!this.runtime.gate.enabled) return;
    for (const { reconnects } of this.cells) reconnects.value++;
  }
}
