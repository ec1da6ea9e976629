import http = require('node:http');
import https = require('node:https');
import type { ClientRequest, IncomingMessage } from 'node:http';

import { runSoon } from '../../metrics/clock';
import type { Method } from '../../recording/wrap';
import type { ClientCall } from './client-call';
import { replaceTemporarily } from '../method-replacement';
import { CONNECTION_CLOSED, TIMED_OUT } from './client-failure';
import { ClientConnection, type Connection } from './connection';

/** The state of Thrift's `HttpConnection`. */
interface HttpConnection extends Connection {
  readonly https: boolean;
}

export function isHttpConnection(connection: Connection): connection is HttpConnection {
  return 'nodeOptions' in connection && 'https' in connection;
}

/** Each call is a separate request, which is observed instead of the connection: the connection's errors name no call. */
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

  /** Adds listeners to a request. They change nothing, because Thrift itself listens for errors. */
  private observeRequest(request: ClientRequest, call: ClientCall, globalAgent: http.Agent): void {
    request.once('error', (error) => call.fail(this.failureOf(error)));
    request.once('timeout', () => {
      // The global agent of Node.js has a timeout for idle sockets, which emits this event without a timeout of the request.
      const { agent, timeout } = request as { agent?: unknown; timeout?: number };
      if (timeout !== undefined || agent !== globalAgent) call.fail(TIMED_OUT);
    });
    request.once('close', () => {
      if (call.settled) return;
      const { res } = request as { res?: IncomingMessage | null };
      if (res?.errored) call.fail(this.failureOf(res.errored));
      // Thrift takes some ticks to decode the reply and to pass it on.
      else runSoon(() => call.fail(CONNECTION_CLOSED));
    });
  }
}

/**
 * Passes the first request that is made during `action` to `caught`, which must not throw. Thrift keeps no reference to
 * its requests, so the function of the module is replaced until it is called.
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
  const restore = replaceTemporarily(module, 'request', catching);
  try {
    return action();
  } finally {
    restore();
  }
}
