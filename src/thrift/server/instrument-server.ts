import { Server } from 'node:net';

import { currentRuntime } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';
import { show } from '../../validation/checks';
import { protocolErrorsOf } from '../refused-input';
import { observeEvents, ServerObserver } from './server-observer';

const WHERE = 'instrumentServer';

/** Marks an instrumented server. Registered, so that every copy of this package sees it. */
const INSTRUMENTED = Symbol.for('thrift-metrics.instrumented-server');

/**
 * Counts the connections of a server, their bytes, and input that is not a Thrift message. Takes what
 * `thrift.createServer`, `createMultiplexServer` or `createWebServer` returned, before or after `listen`. A second call
 * does nothing.
 *
 * Records, with `thrift_transport` (`tcp`, `unix`, `tls`, `http`, `https`, `websocket`):
 * `thrift_server_active_connections`, `thrift_server_connections_total`, `thrift_server_connections_closed_total` (also
 * with `thrift_reason`: `client`, `server`, `reset`, `timeout`, `error`, `upgrade`), `thrift_server_received_bytes_total`
 * and `thrift_server_sent_bytes_total`. Without it: `thrift_server_tls_handshake_errors_total`,
 * `thrift_server_accept_errors_total` and `thrift_server_protocol_errors_total`. Every series starts at 0.
 *
 * The server behaves as before: no listener is added to its errors, and whoever read a connection still reads it. Faults of
 * this package are reported through `onError`.
 *
 * @returns the same server.
 * @throws {@link ThriftMetricsError} `TM_ERR_OPTION_INVALID` if the argument is not a server.
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
      `${WHERE}: the server is ${show(server)}. Pass what thrift.createServer, createMultiplexServer or createWebServer returned.`,
    );
  }
  if (Object.hasOwn(server, INSTRUMENTED)) return server;
  const runtime = currentRuntime();
  protocolErrorsOf(runtime).register();
  const observer = new ServerObserver(runtime, server);
  Object.defineProperty(server, INSTRUMENTED, { value: true });
  observeEvents(server, observer);
  return server;
}
