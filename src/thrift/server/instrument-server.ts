import type { EventEmitter } from 'node:events';
import { Server } from 'node:net';

import { ThriftMetricsError } from '../../validation/errors';
import { show } from '../../validation/options';
import { registerProtocolErrors } from '../refused-input';
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

/** What is told of every event. Must not throw. */
export interface EventObserver {
  before(event: unknown, first: unknown): void;
  /** `hasThrown` when a listener did, or when nobody listens to an error. */
  after(event: unknown, first: unknown, second: unknown, hasThrown: boolean): void;
}

type Emit = EventEmitter['emit'];

/**
 * Has an observer told of an emitter's events, by an `emit` of its own. Listeners would show, and some decide by being there:
 * whether an error ends the process, and whether Node.js answers a request that it cannot read.
 */
export function observeEvents(emitter: EventEmitter, observer: EventObserver): void {
  const own = Object.hasOwn(emitter, 'emit') ? ownEmit(emitter) : null;
  const observed: { emit(this: EventEmitter, event: unknown): boolean } = {
    emit(event) {
      const first: unknown = arguments[1];
      const second: unknown = arguments[2];
      observer.before(event, first);
      let hasThrown = true;
      // Not caught and thrown again: Node.js shows where an error was thrown last.
      try {
        // Others may replace it on the prototype later.
        const emit = own ?? ownEmit(Object.getPrototypeOf(emitter) as EventEmitter);
        const isHeard = Reflect.apply(emit, this, arguments);
        hasThrown = false;
        return isHeard;
      } finally {
        observer.after(event, first, second, hasThrown);
      }
    },
  };
  const property = Reflect.getOwnPropertyDescriptor(observed, 'emit');
  Object.defineProperty(emitter, 'emit', { ...property, enumerable: false });
}

// oxlint-disable-next-line typescript/unbound-method -- called with its receiver
const ownEmit = (holder: EventEmitter): Emit => holder.emit;
