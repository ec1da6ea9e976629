import http = require('node:http');
import https = require('node:https');
import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';

import { runSoon } from '../../metrics/clock';
import { CATALOGUE } from '../../metrics/catalogue';
import type { CounterCell } from '../../metrics/cell';
import { IS_BUN } from '../../runtime/javascript-runtime';
import type { Faults } from '../../runtime/faults';
import type { InstrumentedServer } from '../../runtime/inventory';
import type { Runtime } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';
import { currentConnectionOf } from '../current-connection';
import { replaceMethod } from '../method-replacement';
import { protocolErrorsOf, reasonOfHttpError, reasonOfServerError } from '../refused-input';
import { CountedSocket } from './counted-socket';
import { HttpInput, type ServerInputs, StreamInput, WebSocketInput } from './input';
import {
  isUpgraded,
  openSockets,
  possibleTransports,
  type ServerTransport,
  transportCells,
  type TransportCells,
  transportOf,
} from './transport';
import { reportUnknown } from './unknown-on-bun';

const SITE = 'server';

/** Observes the events of a server, before and after its listeners run. `before` and `after` never throw. */
export class ServerObserver implements InstrumentedServer {
  private readonly cells = new Map<ServerTransport, TransportCells>();
  private readonly counted = new WeakMap<Socket, CountedSocket>();
  private readonly inputs: ServerInputs;
  private readonly handshakeErrors: CounterCell | null;
  private readonly acceptErrors: CounterCell;
  /** The event whose socket Thrift's listener receives. With TLS, `connection` has the socket below the encryption. */
  private readonly acceptEvent: 'connection' | 'secureConnection';
  private readonly isWeb: boolean;
  private currentTransport: ServerTransport;

  constructor(
    private readonly runtime: Runtime,
    private readonly server: Server,
  ) {
    const { families, gate } = runtime;
    this.inputs = {
      current: currentConnectionOf(runtime),
      errors: protocolErrorsOf(runtime),
      hasInstrumentedProcessor: false,
      certificateNames: new WeakMap(),
    };
    this.acceptErrors = families.series(CATALOGUE.acceptErrors, {}).cell;
    const transports = possibleTransports(server);
    for (const transport of transports) this.cellsOf(transport);
    this.currentTransport = transportOf(server);
    const isTls = this.currentTransport === 'tls' || this.currentTransport === 'https';
    const reportsHandshakes = isTls && !(IS_BUN && this.currentTransport === 'https');
    this.handshakeErrors = reportsHandshakes
      ? families.series(CATALOGUE.tlsHandshakeErrors, {}).cell
      : null;
    this.acceptEvent = isTls ? 'secureConnection' : 'connection';
    this.isWeb = transports.includes('websocket');
    if (!gate.enabled) return;
    reportUnknown(runtime.faults, this.currentTransport, server.listening);
    if (!isTls) this.adopt();
    if (server.listening) warnWithoutErrorListener(runtime.faults, server);
  }

  transport(): ServerTransport {
    return this.currentTransport;
  }

  address(): string | null {
    const address = this.server.listening ? this.server.address() : null;
    if (address === null || typeof address === 'string') return address;
    const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
    return `${host}:${address.port}`;
  }

  before(event: unknown, first: unknown): void {
    if (!this.runtime.gate.enabled) return;
    try {
      this.observeBefore(event, first);
    } catch (fault) {
      this.runtime.faults.report(SITE, fault);
    }
  }

  after(event: unknown, first: unknown, second: unknown, hasThrown: boolean): void {
    // If an error has no listener, Thrift's `data` listener throws, and the one that leaves the connection does not run.
    if (hasThrown) this.inputs.current.leave();
    // Also while recording is switched off, because a server says it only once.
    if (event === 'listening') this.currentTransport = transportOf(this.server);
    if (!this.runtime.gate.enabled) return;
    try {
      this.observeAfter(event, first, second);
    } catch (fault) {
      this.runtime.faults.report(SITE, fault);
    }
  }

  private observeBefore(event: unknown, first: unknown): void {
    if (event === this.acceptEvent) this.count(first as Socket, true);
    else if (event === 'error') this.failed(first);
    else if (event === 'clientError') this.refused(first);
    else if (event === 'drop') this.acceptErrors.value++;
    else if (event === 'tlsClientError' && this.handshakeErrors) this.handshakeErrors.value++;
  }

  private observeAfter(event: unknown, first: unknown, second: unknown): void {
    if (event === 'listening') warnWithoutErrorListener(this.runtime.faults, this.server);
    else if (!this.isWeb) {
      if (event === this.acceptEvent) this.accepted(first as Socket);
    } else if (event === 'request') {
      this.requested(first as IncomingMessage, second as ServerResponse);
    } else if (event === 'upgrade') this.upgraded(second as Socket);
  }

  /** Counts a connection that is not counted yet. If it `isNew`, all its bytes count. */
  private count(socket: Socket, isNew: boolean, transport = this.currentTransport): void {
    if (socket.closed || this.counted.has(socket)) return;
    this.counted.set(socket, new CountedSocket(socket, this.cellsOf(transport), isNew));
  }

  private accepted(socket: Socket): void {
    if (this.counted.has(socket)) new StreamInput(socket, this.inputs).watch();
  }

  private requested(request: IncomingMessage, response: ServerResponse): void {
    this.count(request.socket, false);
    new HttpInput(request, response, this.inputs).watch();
  }

  private upgraded(socket: Socket): void {
    // If Thrift refuses the upgrade, it does not listen, and the connection closes as an HTTP connection.
    if (socket.destroyed || socket.listenerCount('data') === 0) return;
    const counted = this.counted.get(socket);
    if (counted === undefined) this.count(socket, false, 'websocket');
    else counted.upgrade(this.cellsOf('websocket'));
    new WebSocketInput(socket, this.inputs).watch();
  }

  private failed(error: unknown): void {
    const { syscall } = (error ?? {}) as NodeJS.ErrnoException;
    if (syscall === 'accept') this.acceptErrors.value++;
    else {
      const { current, errors } = this.inputs;
      const reason = reasonOfServerError(error, current.hasReachedProcessor);
      if (reason !== null) errors.count(reason, error);
    }
    this.inputs.current.refuse();
  }

  /** Node.js cannot read the input as HTTP. */
  private refused(error: unknown): void {
    const reason = reasonOfHttpError(error);
    if (reason !== null) this.inputs.errors.count(reason, error);
  }

  /** Counts the connections that are open already. */
  private adopt(): void {
    for (const socket of openSockets(this.server)) {
      const isWebSocket = this.isWeb && isUpgraded(socket);
      this.count(socket, false, isWebSocket ? 'websocket' : this.currentTransport);
      if (isWebSocket) new WebSocketInput(socket, this.inputs).watch();
      else if (!this.isWeb) this.accepted(socket);
    }
  }

  private cellsOf(transport: ServerTransport): TransportCells {
    let cells = this.cells.get(transport);
    if (cells === undefined) {
      cells = transportCells(this.runtime.families, transport);
      this.cells.set(transport, cells);
    }
    return cells;
  }
}

/**
 * Warns if a server has no `error` listener, because Thrift emits the errors of connections on the server. Checks in the
 * next turn of the event loop, because a program may add the listener after it has awaited `listening`.
 */
function warnWithoutErrorListener(faults: Faults, server: Server): void {
  if (server instanceof http.Server || server instanceof https.Server) return;
  runSoon(() => {
    if (!server.listening || server.listenerCount('error') > 0) return;
    faults.warnOnce(
      'instrumentServer',
      new ThriftMetricsError(
        'TM_ERR_NO_ERROR_LISTENER',
        "instrumentServer: the server has no 'error' listener, so a client that resets its connection, or sends anything but Thrift messages, " +
          "ends this process. Add server.on('error', (error) => …).",
      ),
    );
  }).unref();
}

type Emit = EventEmitter['emit'];

/**
 * Reports an emitter's events to an observer by replacing its `emit`. Listeners would be visible, and change what happens:
 * whether an error ends the process, and whether Node.js answers a request that it cannot read.
 */
export function observeEvents(emitter: EventEmitter, observer: ServerObserver): void {
  const own = Object.hasOwn(emitter, 'emit') ? emitMethodOf(emitter) : null;
  const observed: { emit(this: EventEmitter, event: unknown): boolean } = {
    emit(event) {
      const first: unknown = arguments[1];
      const second: unknown = arguments[2];
      observer.before(event, first);
      let hasThrown = true;
      // Without `catch`, because Node.js prints the line that threw an error last.
      try {
        // Looked up for each event, because others may replace it on the prototype later.
        const emit = own ?? emitMethodOf(Object.getPrototypeOf(emitter) as EventEmitter);
        const isHeard = Reflect.apply(emit, this, arguments);
        hasThrown = false;
        return isHeard;
      } finally {
        observer.after(event, first, second, hasThrown);
      }
    },
  };
  replaceMethod(emitter, 'emit', emitMethodOf(emitter), emitMethodOf(observed));
}

// oxlint-disable-next-line typescript/unbound-method -- called with its receiver
const emitMethodOf = (emitter: Pick<EventEmitter, 'emit'>): Emit => emitter.emit;
