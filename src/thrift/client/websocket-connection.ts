import { ClientConnection, type Connection } from './connection';
import { CONNECTION_CLOSED } from './client-failure';

/** The state of Thrift's `WSConnection`. */
interface WebSocketConnection extends Connection {
  readonly send_pending: readonly Buffer[];
  isOpen(): boolean | null;
}

export function isWebSocketConnection(connection: Connection): connection is WebSocketConnection {
  return 'send_pending' in connection && 'isOpen' in connection;
}

/** A web socket, which can be opened again: what is written before waits for that. */
export class ClientWebSocketConnection extends ClientConnection<WebSocketConnection> {
  protected override isWaiting(): boolean {
    return !this.connection.isOpen();
  }

  protected override observe(event: unknown, argument: unknown): void {
    switch (event) {
      case 'open':
        return this.queueIsSent();
      case 'error': {
        // An event of the socket; an exception of Thrift's is about one reply.
        const { type, error } = Object(argument) as { type?: unknown; error?: unknown };
        if (type === 'error') this.failAll(this.failureOf(error ?? argument));
        return;
      }
      case 'close':
        this.close();
        // Thrift empties the queue after its listeners have run: what they wrote is lost, too.
        return queueMicrotask(() => this.close());
    }
  }

  private close(): void {
    this.failAll(CONNECTION_CLOSED);
    this.queueIsDropped();
  }
}
