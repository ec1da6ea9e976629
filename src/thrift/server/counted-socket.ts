import type { Socket } from 'node:net';

import { closeReason, type CloseReason } from './close-reason';
import type { ByteSource, TransportCells } from './transport';

/** A connection that is counted from now on, until it has closed. */
export class CountedSocket implements ByteSource {
  private clientEndedFirst: boolean;
  /** How many bytes had come when it timed out; -1 if it did not. */
  private receivedAtTimeout = -1;
  /** Bytes that were counted elsewhere, or not at all. */
  private receivedBefore = 0;
  private sentBefore = 0;
  private generation = 0;

  constructor(
    private readonly socket: Socket,
    private cells: TransportCells,
    /** Where all its bytes are to be counted, and not only those that come from now on. */
    isNew: boolean,
  ) {
    this.begin(isNew);
    this.clientEndedFirst = socket.readableEnded;
    // Before Thrift's own listener, which ends the server's side as well.
    socket.prependListener('end', () => (this.clientEndedFirst = !socket.writableEnded));
    socket.on('timeout', () => (this.receivedAtTimeout = received(socket)));
    socket.on('close', () => this.end(this.reason()));
  }

  receivedBytes(): number {
    return received(this.socket) - this.receivedBefore;
  }

  sentBytes(): number {
    return sent(this.socket) - this.sentBefore;
  }

  /** From now on the connection is one of another transport. */
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
    cells.received.add(this);
    cells.sent.add(this);
  }

  private end(reason: CloseReason): void {
    const { cells } = this;
    if (cells.active.generation === this.generation) cells.active.value--;
    const closed = cells.closed[reason];
    if (closed !== undefined) closed.value++;
    cells.received.end(this);
    cells.sent.end(this);
  }

  private reason(): CloseReason {
    const { socket, receivedAtTimeout } = this;
    return closeReason(socket, this.clientEndedFirst, receivedAtTimeout === received(socket));
  }
}

// A connection that somebody else hands to the server may be a stream that counts nothing.

function received({ bytesRead = 0 }: Partial<Socket>): number {
  return bytesRead;
}

/**
 * What was handed to the operating system, or to TLS. `bytesWritten` holds what waits in the process, too, and so goes down when
 * a connection is lost.
 */
function sent(socket: Partial<Socket> & { readonly _bytesDispatched?: number }): number {
  return socket._bytesDispatched ?? socket.bytesWritten ?? 0;
}
