import { once } from 'node:events';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';

import { decodeReplies, type Reply, type Wire } from './wire';

/** A client that sends whatever a test wants, and knows when the server has taken it. */
export class RawClient {
  private pieces: Buffer[] = [];

  constructor(
    private readonly wire: Wire,
    readonly socket: Socket,
    /** The server's end of the connection. */
    readonly peer: Socket,
  ) {
    socket.on('data', (bytes) => this.pieces.push(bytes));
    socket.on('error', () => {});
  }

  get received(): Buffer {
    return Buffer.concat(this.pieces);
  }

  forget(): void {
    this.pieces = [];
  }

  /** Resolves when the server's program has been given these bytes, and those before, and has dealt with them. */
  async deliver(bytes: Buffer): Promise<void> {
    const wanted = this.peer.bytesRead + bytes.length;
    this.socket.write(bytes);
    // Thrift's listener is the first on the socket.
    while (this.peer.bytesRead < wanted) await once(this.peer, 'data');
  }

  /** Resolves when more has been received. */
  async more(): Promise<void> {
    await once(this.socket, 'data');
  }

  /** Resolves with all replies received once there are so many. */
  async replies(count: number): Promise<Reply[]> {
    for (;;) {
      const replies = decodeReplies(this.wire, this.received);
      if (replies.length >= count) return replies;
      await this.more();
    }
  }

  async closed(): Promise<void> {
    if (!this.socket.closed) await once(this.socket, 'close');
  }
}

/** A connection to a server of this process. */
export async function connectRaw(server: Server, wire: Wire): Promise<RawClient> {
  const accepted = once(server, 'connection');
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay();
  const [[peer]] = (await Promise.all([accepted, once(socket, 'connect')])) as [[Socket], unknown];
  return new RawClient(wire, socket, peer);
}
