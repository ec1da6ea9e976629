import http = require('node:http');
import https = require('node:https');
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Server, Socket } from 'node:net';

import { CATALOGUE } from '../../metrics/catalogue';
import type { CounterCell } from '../../metrics/cell';
import { builtInSeries } from '../../runtime/families';
import { faults, warnOnce } from '../../runtime/faults';
import { state } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';
import { hasReachedProcessor, refuseInput, setCurrentConnection } from '../current-connection';
import { countProtocolError, countRefusal } from '../refused-input';
import { CountedSocket } from './counted-socket';
import { HttpInput, type ServerProcessors, StreamInput, WebSocketInput } from './input';
import type { EventObserver } from './instrument-server';
import {
  isUpgraded,
  openSockets,
  possibleTransports,
  type ServerTransport,
  transportCells,
  type TransportCells,
  transportOf,
} from './transport';

const SITE = 'server';

/** Sees what a server emits, before and after its listeners do. */
export class ServerObserver implements EventObserver {
  private readonly cells = new Map<ServerTransport, TransportCells>();
  private readonly counted = new WeakMap<Socket, CountedSocket>();
  private readonly processors: ServerProcessors = { areSeen: false };
  private readonly handshakeErrors: CounterCell | null;
  private readonly acceptErrors = builtInSeries(CATALOGUE.acceptErrors, {}).cell;
  /** What Thrift's listener is given: with TLS, not what it is spoken over. */
  private readonly acceptEvent: 'connection' | 'secureConnection';
  private readonly isWeb: boolean;
  private transport: ServerTransport;

  constructor(private readonly server: Server) {
    const transports = possibleTransports(server);
    for (const transport of transports) this.cells.set(transport, transportCells(transport));
    this.transport = transportOf(server);
    const isTls = this.transport === 'tls' || this.transport === 'https';
    this.handshakeErrors = isTls ? builtInSeries(CATALOGUE.tlsHandshakeErrors, {}).cell : null;
    this.acceptEvent = isTls ? 'secureConnection' : 'connection';
    this.isWeb = transports.includes('websocket');
    if (!state.gate.enabled) return;
    if (!isTls) this.adopt();
    if (server.listening) warnWithoutErrorListener(server);
  }

  before(event: unknown, first: unknown): void {
    if (!state.gate.enabled) return;
    try {
      this.begins(event, first);
    } catch (fault) {
      faults.report(SITE, fault);
    }
  }

  after(event: unknown, first: unknown, second: unknown, hasThrown: boolean): void {
    // An error that nobody listens to is thrown past the listener that sets this back.
    if (hasThrown) setCurrentConnection(null);
    if (!state.gate.enabled) return;
    try {
      this.ends(event, first, second);
    } catch (fault) {
      faults.report(SITE, fault);
    }
  }

  private begins(event: unknown, first: unknown): void {
    if (event === this.acceptEvent) this.count(first as Socket, true);
    else if (event === 'error') this.failed(first);
    else if (event === 'clientError') this.refused(first);
    else if (event === 'drop') this.acceptErrors.value++;
    else if (event === 'tlsClientError' && this.handshakeErrors) this.handshakeErrors.value++;
  }

  private ends(event: unknown, first: unknown, second: unknown): void {
    if (event === 'listening') this.listens();
    else if (!this.isWeb) {
      if (event === this.acceptEvent) this.accepted(first as Socket);
    } else if (event === 'request') {
      this.requested(first as IncomingMessage, second as ServerResponse);
    } else if (event === 'upgrade') this.upgraded(second as Socket);
  }

  /** Counts a connection that is not counted yet, with all its bytes where it `isNew`. */
  private count(socket: Socket, isNew: boolean, transport = this.transport): void {
    if (socket.closed || this.counted.has(socket)) return;
    this.counted.set(socket, new CountedSocket(socket, this.cellsOf(transport), isNew));
  }

  private accepted(socket: Socket): void {
    if (this.counted.has(socket)) new StreamInput(socket, this.processors).watch();
  }

  private requested(request: IncomingMessage, response: ServerResponse): void {
    this.count(request.socket, false);
    new HttpInput(request, response, this.processors).watch();
  }

  private upgraded(socket: Socket): void {
    // Where Thrift refuses, it does not listen, and the connection closes as one of HTTP.
    if (socket.destroyed || socket.listenerCount('data') === 0) return;
    const counted = this.counted.get(socket);
    if (counted === undefined) this.count(socket, false, 'websocket');
    else counted.upgrade(this.cellsOf('websocket'));
    new WebSocketInput(socket, this.processors).watch();
  }

  private listens(): void {
    this.transport = transportOf(this.server);
    warnWithoutErrorListener(this.server);
  }

  private failed(error: unknown): void {
    const { syscall } = (error ?? {}) as NodeJS.ErrnoException;
    if (syscall === 'accept') this.acceptErrors.value++;
    else countRefusal(error, hasReachedProcessor());
    refuseInput();
  }

  /** What Node.js cannot read as HTTP. */
  private refused(error: unknown): void {
    const { code } = (error ?? {}) as NodeJS.ErrnoException;
    // A request that is cut off is no garbage.
    if (code?.startsWith('HPE_') === true && code !== 'HPE_INVALID_EOF_STATE') {
      countProtocolError('garbage', error);
    }
  }

  private adopt(): void {
    for (const socket of openSockets(this.server)) {
      const isWebSocket = this.isWeb && isUpgraded(socket);
      this.count(socket, false, isWebSocket ? 'websocket' : this.transport);
      if (isWebSocket) new WebSocketInput(socket, this.processors).watch();
      else if (!this.isWeb) this.accepted(socket);
    }
  }

  private cellsOf(transport: ServerTransport): TransportCells {
    let cells = this.cells.get(transport);
    if (cells === undefined) this.cells.set(transport, (cells = transportCells(transport)));
    return cells;
  }
}

/**
 * Warns when nobody will listen to the errors of a server that Thrift emits the errors of its connections on. Looks in the
 * next turn: programs add the listener after they have awaited that the server listens.
 */
export function warnWithoutErrorListener(server: Server): void {
  if (server instanceof http.Server || server instanceof https.Server) return;
  setImmediate(() => {
    if (!server.listening || server.listenerCount('error') > 0) return;
    warnOnce(
      'instrumentServer',
      new ThriftMetricsError(
        'TM_ERR_NO_ERROR_LISTENER',
        "instrumentServer: the server has no 'error' listener: whoever sends it what is no Thrift message, or resets a connection, " +
          "ends this process. server.on('error', (error) => …) prevents it",
      ),
    );
  }).unref();
}
