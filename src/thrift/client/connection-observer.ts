import type { Method } from '../../recording/wrap';
import type { Runtime } from '../../runtime/runtime';
import { replaceMethod } from '../method-replacement';
import { CONNECTION_CLOSED, TIMED_OUT } from './client-failure';
import { ClientConnection, type Connection } from './connection';
import { ClientHttpConnection, isHttpConnection } from './http-connection';
import { ClientStreamConnection, isStreamConnection } from './stream-connection';
import { ClientWebSocketConnection, isWebSocketConnection } from './websocket-connection';

/** Marks an observed connection. Registered, so that every copy of this package with the same layout number sees it. */
const OBSERVED = Symbol.for('thrift-metrics.client-connection.1');

/** Returns the observer of a connection, or creates one for everything that is written and emitted from now on. */
export function observeConnection(runtime: Runtime, connection: Connection): ClientConnection {
  const observable = connection as Connection & { [OBSERVED]?: ClientConnection };
  const existing = observable[OBSERVED];
  if (existing !== undefined) return existing;
  const observed = createClientConnection(runtime, connection);
  Object.defineProperty(connection, OBSERVED, { value: observed });
  const { write, emit } = connection as { write: Method; emit?: Method };
  // An inherited `write` is looked up for each call, because `findConnection` replaces it on the class for a while.
  const ownWrite = Object.hasOwn(connection, 'write') ? write : null;
  const parent = Object.getPrototypeOf(connection) as { write: Method };
  replaceMethod(connection, 'write', write, function () {
    return observed.write(ownWrite ?? parent.write, arguments);
  });
  if (typeof emit === 'function') {
    replaceMethod(connection, 'emit', emit, function (event: unknown, argument: unknown) {
      observed.observeEvent(event, argument);
      return Reflect.apply(emit, this, arguments) as unknown;
    });
  }
  return observed;
}

function createClientConnection(runtime: Runtime, connection: Connection): ClientConnection {
  if (isStreamConnection(connection)) return new ClientStreamConnection(runtime, connection);
  if (isHttpConnection(connection)) return new ClientHttpConnection(runtime, connection);
  if (isWebSocketConnection(connection)) return new ClientWebSocketConnection(runtime, connection);
  return new OtherConnection(runtime, connection);
}

/** A connection of another kind, such as `XHRConnection` or a class of the program. */
class OtherConnection extends ClientConnection {
  protected override isWaiting(): boolean {
    return false;
  }

  protected override observe(event: unknown, argument: unknown): void {
    switch (event) {
      case 'timeout':
        return this.failAll(TIMED_OUT);
      case 'error':
        // With several pending calls, the error does not identify the one that failed.
        if (this.pending.size === 1) this.failAll(this.failureOf(argument), argument);
        return;
      case 'close':
        return this.failAll(CONNECTION_CLOSED);
    }
  }
}
