import { Server } from 'node:net';

import { ThriftMetricsError } from '../../errors';
import { show } from '../../validation/options';
import { observeEvents } from './observe-events';
import { registerProtocolErrors } from '../protocol-errors';
import { ServerObserver } from './server-observer';

const WHERE = 'instrumentServer';

// Registered, so that another copy of this package sees it, too.
const INSTRUMENTED = Symbol.for('thrift-metrics.instrumented-server');

/**
 * Counts the connections of a server that `thrift.createServer`, `createMultiplexServer` or `createWebServer` returned,
 * their bytes, and what comes that is no Thrift message. Before or after `listen`; a second time does nothing.
 *
 * Under `thrift_transport` (`tcp`, `unix`, `tls`, `http`, `https`, `websocket`) it writes `thrift_server_active_connections`,
 * `thrift_server_connections_total`, `thrift_server_connections_closed_total` with `thrift_reason` (`client`, `server`,
 * `reset`, `timeout`, `error`, `upgrade`), `thrift_server_received_bytes_total` and `thrift_server_sent_bytes_total`; without it
 * `thrift_server_tls_handshake_errors_total` and `thrift_server_accept_errors_total`; and it adds to
 * `thrift_server_protocol_errors_total`. All of them stand at 0 from then on.
 *
 * The server does what it did: no listener is added to its errors, and a connection is read by whoever read it. What
 * fails in here is reported through `onError`.
 *
 * @returns the same server.
 * @throws {@link ThriftMetricsError} `TM_ERR_OPTION_INVALID` when it is no server.
 *
 * @example
 * ```ts
 * const server = instrumentServer(thrift.createServer(Calculator, new CalculatorHandler()));
 * server.on('error', (error) => console.error(error));
 * server.listen(9090);
 * ```
 */
export function instrumentServer<S extends Server>(server: S): S {
  if (!(server instanceof Server)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the server is ${show(server)}; what thrift.createServer, createMultiplexServer or createWebServer returned is expected`,
    );
  }
  if (Object.hasOwn(server, INSTRUMENTED)) return server;
  registerProtocolErrors();
  const observer = new ServerObserver(server);
  Object.defineProperty(server, INSTRUMENTED, { value: true });
  observeEvents(server, observer);
  return server;
}
