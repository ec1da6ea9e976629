import { runNext } from '../../metrics/clock';
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

/** A WebSocket. It can be opened again, and requests that are written before that wait. */
export class ClientWebSocketConnection extends ClientConnection<WebSocketConnection> {
  protected override isWaiting(): boolean {
    return !this.connection.isOpen();
  }

  protected override observe(event: unknown, argument: unknown): void {
    switch (event) {
      case 'open':
        return this.queueIsSent();
      case 'error': {
        // The socket passes an event. Thrift passes an exception, which concerns one reply.
        const { type, error } = Object(argument) as { type?: unknown; error?: unknown };
        if (type === 'error') this.failAll(this.failureOf(error ?? argument), error ?? argument);
        return;
      }
      case 'close':
        this.close();
        // Thrift empties the queue after the listeners have run, so the requests that they write are lost too.
        return runNext(() => this.close());
    }
  }

  private close(): void {
    this.failAll(CONNECTION_CLOSED);
    this.queueIsDropped();
  }
}
