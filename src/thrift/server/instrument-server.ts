import type { Server } from 'node:net';

import { inventoryOf } from '../../runtime/inventory';
import { currentRuntime } from '../../runtime/runtime';
import { thriftUseOf } from '../../runtime/thrift-use';
import { show } from '../../validation/checks';
import { ThriftMetricsError } from '../../validation/errors';
import { protocolErrorsOf } from '../refused-input';
import { serviceMetricsOf } from '../service/method-metrics';
import { observeEvents, ServerObserver } from './server-observer';
import { isServer } from './transport';

const WHERE = 'instrumentServer';

/** Marks an instrumented server. Registered, so that every copy of this package sees it. */
const INSTRUMENTED = Symbol.for('thrift-metrics.instrumented-server');

/**
 * Counts the connections of a server, their bytes, and input that is not a Thrift message. Takes what
 * `thrift.createServer`, `createMultiplexServer` or `createWebServer` returned, before or after `listen`. Instrumenting a
 * server again has no effect.
 *
 * Records, with `thrift_transport` (`tcp`, `unix`, `tls`, `http`, `https`, `websocket`):
 * `thrift_server_active_connections`, `thrift_server_connections_total`, `thrift_server_connections_closed_total` (also
 * with `thrift_reason`: `client`, `server`, `reset`, `timeout`, `error`, `upgrade`), `thrift_server_received_bytes_total`
 * and `thrift_server_sent_bytes_total`. Without labels: `thrift_server_accept_errors_total` and, if the server uses TLS,
 * `thrift_server_tls_handshake_errors_total`. With `thrift_reason` alone: `thrift_server_protocol_errors_total`. The series
 * start at 0 immediately. For each method of a service that `instrumentService` measures, with `thrift_service` and
 * `thrift_method`: `thrift_server_queue_seconds`, because only the server sees when a packet arrives.
 *
 * The server behaves as before: it gets no `error` listener, no connection is read that would otherwise stay unread, and
 * an error that a listener throws continues unchanged. Faults of this package are reported through `onError`.
 *
 * @returns the same server.
 * @throws {@link ThriftMetricsError} `TM_ERR_OPTION_INVALID` if the argument is not a server, `TM_ERR_NAME_TAKEN` if the
 * registry holds another metric with one of the names. The server is not changed then.
 *
 * @example
 * ```ts
 * const server = instrumentServer(thrift.createServer(Calculator, new CalculatorHandler()));
 * server.on('error', (error) => console.error(error));
 * server.listen(9090);
 * ```
 */
export function instrumentServer<S extends Server>(server: S): S {
  if (!isServer(server)) {
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: the server is ${show(server)}. Pass what thrift.createServer, createMultiplexServer or createWebServer returned.`,
    );
  }
  if (Object.hasOwn(server, INSTRUMENTED)) return server;
  const runtime = currentRuntime();
  protocolErrorsOf(runtime).register();
  serviceMetricsOf(runtime).measureQueues();
  thriftUseOf(runtime).note();
  const observer = new ServerObserver(runtime, server);
  Object.defineProperty(server, INSTRUMENTED, { value: true });
  observeEvents(server, observer);
  inventoryOf(runtime).addServer(observer);
  return server;
}
