import { once } from 'node:events';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';

import { decodeReplies, type Reply, type Wire } from './wire';

/** A client that sends arbitrary bytes and knows when the server has processed them. */
export class RawClient {
  private chunks: Buffer[] = [];

  constructor(
    private readonly wire: Wire,
    readonly socket: Socket,
    /** The server's end of the connection. */
    readonly peer: Socket,
  ) {
    socket.on('data', (bytes) => this.chunks.push(bytes));
    socket.on('error', () => {});
  }

  get received(): Buffer {
    return Buffer.concat(this.chunks);
  }

  forget(): void {
    this.chunks = [];
  }

  /** Sends bytes, and resolves when the server has processed them and all bytes before them. */
  async deliver(bytes: Buffer): Promise<void> {
    const wanted = this.peer.bytesRead + bytes.length;
    this.socket.write(bytes);
    // Thrift's listener comes first on the socket, so it has run by then.
    while (this.peer.bytesRead < wanted) await once(this.peer, 'data');
  }

  /** Resolves when more bytes have arrived. */
  async more(): Promise<void> {
    await once(this.socket, 'data');
  }

  /** Resolves with all replies received once there are at least `count`. */
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

/** Connects to a server of this process. */
export async function connectRaw(server: Server, wire: Wire): Promise<RawClient> {
  const accepted = once(server, 'connection');
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1').setNoDelay();
  const [[peer]] = (await Promise.all([accepted, once(socket, 'connect')])) as [[Socket], unknown];
  return new RawClient(wire, socket, peer);
}
