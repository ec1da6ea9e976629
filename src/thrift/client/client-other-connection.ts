import { ClientConnection } from './client-connection';
import { CONNECTION_CLOSED, failureOfConnection, TIMED_OUT } from './client-failure';

/** A connection of another kind, such as `XHRConnection` or one of the program. */
export class ClientOtherConnection extends ClientConnection {
  protected override isWaiting(): boolean {
    return false;
  }

  protected override observe(event: unknown, argument: unknown): void {
    switch (event) {
      case 'timeout':
        return this.failAll(TIMED_OUT);
      case 'error':
        // Of several calls it is not known which one has failed.
        if (this.pending.size === 1) this.failAll(failureOfConnection(argument));
        return;
      case 'close':
        return this.failAll(CONNECTION_CLOSED);
    }
  }
}
