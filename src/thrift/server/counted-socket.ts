import type { Socket } from 'node:net';

import { closeReason, type CloseReason } from './close-reason';
import type { ByteSource, TransportCells } from './transport';

/** Counts a connection and its bytes until it has closed. */
export class CountedSocket implements ByteSource {
  private clientEndedFirst: boolean;
  /** Number of bytes received when the connection timed out, or -1 if it did not. */
  private receivedAtTimeout = -1;
  /** Bytes that count for another transport, or not at all. */
  private receivedBefore = 0;
  private sentBefore = 0;
  private generation = 0;

  constructor(
    private readonly socket: Socket,
    private cells: TransportCells,
    /** Whether all bytes of the connection count, instead of only those that follow. */
    isNew: boolean,
  ) {
    this.begin(isNew);
    this.clientEndedFirst = socket.readableEnded;
    // Runs before Thrift's own listener, which ends the server's side. Bun also emits it when the server destroys the connection.
    socket.prependListener('end', () => {
      this.clientEndedFirst = !socket.writableEnded && !socket.destroyed;
    });
    socket.on('timeout', () => (this.receivedAtTimeout = received(socket)));
    socket.on('close', () => this.end(this.reason()));
  }

  receivedBytes(): number {
    return received(this.socket) - this.receivedBefore;
  }

  sentBytes(): number {
    return sent(this.socket) - this.sentBefore;
  }

  /** Counts the connection under another transport from now on. */
  upgrade(cells: TransportCells): void {
    this.end('upgrade');
    this.cells = cells;
    this.begin(false);
  }

  private begin(isNew: boolean): void {
    const { socket, cells } = this;
    this.receivedBefore = isNew ? 0 : received(socket);
    this.sentBefore = isNew ? 0 : sent(socket);
    this.generation = cells.active.generation;
    cells.accepted.value++;
    cells.active.value++;
    cells.received?.add(this);
    cells.sent?.add(this);
  }

  private end(reason: CloseReason): void {
    const { cells } = this;
    if (cells.active.generation === this.generation) cells.active.value--;
    const closed = cells.closed[reason];
    if (closed !== undefined) closed.value++;
    cells.received?.end(this);
    cells.sent?.end(this);
  }

  private reason(): CloseReason {
    const { socket, receivedAtTimeout } = this;
    return closeReason(socket, this.clientEndedFirst, receivedAtTimeout === received(socket));
  }
}

/** A connection that the program hands to the server may be a stream that does not count its bytes. */
function received({ bytesRead = 0 }: Partial<Socket>): number {
  return bytesRead;
}

/**
 * Number of bytes handed to the operating system, or to TLS. `bytesWritten` includes bytes that wait in the process, and
 * falls when the connection is lost before they are sent.
 */
function sent(socket: Partial<Socket> & { readonly _bytesDispatched?: number }): number {
  return socket._bytesDispatched ?? socket.bytesWritten ?? 0;
}
