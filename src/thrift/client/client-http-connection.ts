import { type ClientRequest, type IncomingMessage } from 'node:http';
import http = require('node:http');
import https = require('node:https');

import type { Method } from '../../call/wrap';
import { catchRequest } from './catch-request';
import type { ClientCall } from './client-call';
import { ClientConnection, type Connection } from './client-connection';
import { CONNECTION_CLOSED, failureOfConnection, TIMED_OUT } from './client-failure';

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
