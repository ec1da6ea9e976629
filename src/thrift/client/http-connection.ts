import http = require('node:http');
import https = require('node:https');
import type { ClientRequest, IncomingMessage } from 'node:http';

import type { Method } from '../../recording/wrap';
import { faults } from '../../runtime/faults';
import type { ClientCall } from './client-call';
import { CONNECTION_CLOSED, failureOfConnection, TIMED_OUT } from './client-failure';
import { ClientConnection, type Connection } from './connection';

/** The state of Thrift's `HttpConnection`. */
interface HttpConnection extends Connection {
  readonly https: boolean;
}

export function isHttpConnection(connection: Connection): connection is HttpConnection {
  return 'nodeOptions' in connection && 'https' in connection;
}

/** Each call is a request of its own, which tells what becomes of it: the connection does not say whose its errors are. */
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
      (request) => observeRequest(request, call, module.globalAgent),
    );
  }
}

/** Thrift listens to the errors of its requests itself, so that a listener more changes nothing. */
function observeRequest(request: ClientRequest, call: ClientCall, globalAgent: http.Agent): void {
  request.once('error', (error) => call.fail(failureOfConnection(error)));
  request.once('timeout', () => {
    // Node's global agent has a timeout for idle sockets, at which requests say so, too: nobody has asked for that.
    const { agent, timeout } = request as { agent?: unknown; timeout?: number };
    if (timeout !== undefined || agent !== globalAgent) call.fail(TIMED_OUT);
  });
  request.once('close', () => {
    if (call.settled) return;
    const { res } = request as { res?: IncomingMessage | null };
    if (res?.errored) call.fail(failureOfConnection(res.errored));
    // Thrift takes some ticks to decode a reply and to hand it over.
    else setImmediate(() => call.fail(CONNECTION_CLOSED));
  });
}

/**
 * Hands `caught` the first request that is made while `action` runs. Thrift keeps no reference to it, so the module's
 * function is another one until it has been called.
 */
export function catchRequest<T>(
  module: Pick<typeof http, 'request'>,
  action: () => T,
  caught: (request: ClientRequest) => void,
): T {
  const { request } = module;
  const catching: Method = (...args) => {
    restore();
    const made = Reflect.apply(request, module, args) as ClientRequest;
    try {
      caught(made);
    } catch (error) {
      faults.report('client request', error);
    }
    return made;
  };
  const restore = (): void => {
    // Whoever has put another one there meanwhile keeps it.
    if (module.request === catching) Reflect.set(module, 'request', request);
  };
  Reflect.set(module, 'request', catching);
  try {
    return action();
  } finally {
    restore();
  }
}
