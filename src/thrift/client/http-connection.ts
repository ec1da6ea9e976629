import http = require('node:http');
import https = require('node:https');
import type { ClientRequest, IncomingMessage } from 'node:http';

import { runSoon } from '../../metrics/clock';
import type { ThriftAddress } from '../../recording/call-message';
import type { Method } from '../../recording/wrap';
import type { ClientCall } from './client-call';
import { replaceTemporarily } from '../method-replacement';
import {
  BAD_HTTP_STATUS,
  CONNECTION_CLOSED,
  TIMED_OUT,
  type ClientFailure,
} from './client-failure';
import { addressOf, ClientConnection, type Connection } from './connection';

/** The state of Thrift's `HttpConnection`. */
interface HttpConnection extends Connection {
  readonly https: boolean;
  readonly nodeOptions: object;
}

export function isHttpConnection(connection: Connection): connection is HttpConnection {
  return 'nodeOptions' in connection && 'https' in connection;
}

/** Each call is a separate request, which is observed instead of the connection: most errors of the connection name no call. */
export class ClientHttpConnection extends ClientConnection<HttpConnection> {
  /** The requests without an answer, with their calls. */
  private readonly requests = new Map<ClientRequest, ClientCall>();

  override server(): ThriftAddress | undefined {
    return addressOf(this.connection.nodeOptions);
  }

  protected override isWaiting(): boolean {
    return false;
  }

  /** Thrift emits the error of a bad status on the request, unless the program has wrapped `responseCallback`. */
  protected override observe(event: unknown, argument: unknown): void {
    if (event !== 'error') return;
    const { response } = Object(argument) as { response?: unknown };
    if (response === undefined) return;
    for (const [request, call] of this.requests) {
      if (responseOf(request) === response) call.fail(this.failureOf(argument), argument);
    }
  }

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
    this.requests.set(request, call);
    request.once('error', (error) => call.fail(this.failureOf(error), error));
    request.once('timeout', () => {
      // The global agent of Node.js has a timeout for idle sockets, which emits this event without a timeout of the request.
      const { agent, timeout } = request as { agent?: unknown; timeout?: number };
      if (timeout !== undefined || agent !== globalAgent) call.fail(TIMED_OUT);
    });
    request.once('close', () => {
      this.requests.delete(request);
      if (call.settled) return;
      const response = responseOf(request);
      if (response?.errored) call.fail(this.failureOf(response.errored), response.errored);
      // Thrift takes some ticks to decode the reply and to pass it on.
      else runSoon(() => call.fail(failureAtEnd(response)));
    });
  }
}

function responseOf(request: ClientRequest): IncomingMessage | undefined {
  return (request as { res?: IncomingMessage | null }).res ?? undefined;
}

/** The failure of a call whose request has ended without a reply. */
function failureAtEnd(response: IncomingMessage | undefined): ClientFailure {
  return response === undefined || response.statusCode === 200
    ? CONNECTION_CLOSED
    : BAD_HTTP_STATUS;
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
