import http = require('node:http');
import https = require('node:https');
import type { ClientRequest, IncomingMessage } from 'node:http';

import type { Method } from '../../recording/wrap';
import type { ClientCall } from './client-call';
import { CONNECTION_CLOSED, TIMED_OUT } from './client-failure';
import { ClientConnection, type Connection } from './connection';

/** The state of Thrift's `HttpConnection`. */
interface HttpConnection extends Connection {
  readonly https: boolean;
}

export function isHttpConnection(connection: Connection): connection is HttpConnection {
  return 'nodeOptions' in connection && 'https' in connection;
}

/** Each call is a request of its own, whose events tell how it ended. The connection does not say which call an error is of. */
export class ClientHttpConnection extends ClientConnection<HttpConnection> {
  protected override isWaiting(): boolean {
    return false;
  }

  protected override observe(): void {}

  protected override writeRequest(
    call: ClientCall,
    write: Method,
    args: ArrayLike<unknown>,
  ): unknown {
    const module = this.connection.https ? https : http;
    return catchRequest(
      module,
      () => Reflect.apply(write, this.connection, args),
      (request) => {
        try {
          this.observeRequest(request, call, module.globalAgent);
        } catch (error) {
          this.runtime.faults.report('client request', error);
        }
      },
    );
  }

  /** Thrift listens to the errors of its requests itself, so another listener changes nothing. */
  private observeRequest(request: ClientRequest, call: ClientCall, globalAgent: http.Agent): void {
    request.once('error', (error) => call.fail(this.failureOf(error)));
    request.once('timeout', () => {
      // Node's global agent has a timeout for idle sockets, which also emits this event although nobody asked for it.
      const { agent, timeout } = request as { agent?: unknown; timeout?: number };
      if (timeout !== undefined || agent !== globalAgent) call.fail(TIMED_OUT);
    });
    request.once('close', () => {
      if (call.settled) return;
      const { res } = request as { res?: IncomingMessage | null };
      if (res?.errored) call.fail(this.failureOf(res.errored));
      // Thrift takes some ticks to decode a reply and to pass it on.
      else setImmediate(() => call.fail(CONNECTION_CLOSED));
    });
  }
}

/**
 * Passes the first request that is made while `action` runs to `caught`, which must not throw. Thrift keeps no reference to
 * its requests, so the module's function is replaced until it has been called.
 */
function catchRequest<T>(
  module: Pick<typeof http, 'request'>,
  action: () => T,
  caught: (request: ClientRequest) => void,
): T {
  const { request } = module;
  const catching: Method = (...args) => {
    restore();
    const made = Reflect.apply(request, module, args) as ClientRequest;
    caught(made);
    return made;
  };
  const restore = (): void => {
    // A function that someone else has put there meanwhile stays.
    if (module.request === catching) Reflect.set(module, 'request', request);
  };
  Reflect.set(module, 'request', catching);
  try {
    return action();
  } finally {
    restore();
  }
}
