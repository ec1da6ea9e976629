import type { Method } from '../../recording/wrap';
import { defineFunction } from '../signature';
import { CONNECTION_CLOSED, failureOfConnection, TIMED_OUT } from './client-failure';
import { ClientConnection, type Connection } from './connection';
import { ClientHttpConnection, isHttpConnection } from './http-connection';
import { ClientStreamConnection, isStreamConnection } from './stream-connection';
import { ClientWebSocketConnection, isWebSocketConnection } from './websocket-connection';

/** Copies of this package find what another one has put there. The number is that of the layout. */
const OBSERVED = Symbol.for('thrift-metrics.client-connection.1');

/** The observer of a connection: the one it has, or a new one, which hears of all that it writes and emits from now on. */
export function observeConnection(connection: Connection): ClientConnection {
  const holder = connection as Connection & { [OBSERVED]?: ClientConnection };
  const existing = holder[OBSERVED];
  if (existing !== undefined) return existing;
  const observed = createClientConnection(connection);
  Object.defineProperty(connection, OBSERVED, { value: observed });
  const { write, emit } = connection as { write: Method; emit?: Method };
  // Not kept where it is inherited: the class may get another one, as `findConnection` gives it.
  const ownWrite = Object.hasOwn(connection, 'write') ? write : null;
  const parent = Object.getPrototypeOf(connection) as { write: Method };
  defineFunction(connection, 'write', write, function () {
    return observed.write(ownWrite ?? parent.write, arguments);
  });
  if (typeof emit === 'function') {
    defineFunction(connection, 'emit', emit, function (event: unknown, argument: unknown) {
      observed.observeEvent(event, argument);
      return Reflect.apply(emit, this, arguments) as unknown;
    });
  }
  return observed;
}

function createClientConnection(connection: Connection): ClientConnection {
  if (isStreamConnection(connection)) return new ClientStreamConnection(connection);
  if (isHttpConnection(connection)) return new ClientHttpConnection(connection);
  if (isWebSocketConnection(connection)) return new ClientWebSocketConnection(connection);
  return new ClientOtherConnection(connection);
}

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
