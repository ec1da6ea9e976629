import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import { now, UNTIMED } from '../../metrics/clock';
import type { ThriftAddress } from '../../recording/call-message';
import type { CurrentConnection, ServerConnection } from '../current-connection';
import { type ProtocolErrors, reasonOfHeldBackFrame, reasonOfRefusedBody } from '../refused-input';
import { localAddressOf, peerOf } from '../socket-address';
import { certificateNameOf, isAuthorized } from './client-certificate';
import { lastFrame } from './web-socket-frame';

/** The state that all inputs of a server share. */
export interface ServerInputs {
  readonly current: CurrentConnection;
  readonly errors: ProtocolErrors;
  /** Whether an instrumented processor has ever read anything. Then input that none has read reached no processor. */
  hasInstrumentedProcessor: boolean;
  /** The names in the certificates of clients. Kept, because HTTP connections bring many requests. */
  readonly certificateNames: WeakMap<Socket, string | null>;
}

/** Bytes that Thrift receives in chunks, from a connection or as the body of an HTTP request. */
abstract class ServerInput implements ServerConnection {
  arrival = UNTIMED;
  endsWithinMessage = false;
  isRefused = false;
  /** Whether the latest chunk did not reach an instrumented processor, because Thrift waits for the rest of a frame. */
  private isHeldBack = false;

  private addresses: { peer: ThriftAddress | undefined; local: ThriftAddress | undefined } | null =
    null;

  constructor(protected readonly inputs: ServerInputs) {}

  /** The socket that the bytes arrive through. */
  protected abstract source(): Socket;

  get peer(): ThriftAddress | undefined {
    return this.readAddresses().peer;
  }

  get local(): ThriftAddress | undefined {
    return this.readAddresses().local;
  }

  get certificateName(): string | null {
    const socket = this.source();
    if (!isAuthorized(socket)) return null;
    const { certificateNames } = this.inputs;
    let name = certificateNames.get(socket);
    if (name === undefined) {
      name = certificateNameOf(socket);
      certificateNames.set(socket, name);
    }
    return name;
  }

  /** Reads the addresses once, because they stay the same. */
  private readAddresses(): { peer: ThriftAddress | undefined; local: ThriftAddress | undefined } {
    const socket = this.source();
    this.addresses ??= { peer: peerOf(socket), local: localAddressOf(socket) };
    return this.addresses;
  }

  abstract isOpen(): boolean;

  /** Called before Thrift receives a chunk. */
  protected enter(): void {
    this.arrival = now();
    this.inputs.current.enter(this);
  }

  /** Called after Thrift has received the chunk. Returns whether it has reached an instrumented processor. */
  protected leave(): boolean {
    const { current } = this.inputs;
    this.arrival = UNTIMED;
    const isProcessed = current.hasReachedProcessor;
    current.leave();
    if (isProcessed) this.inputs.hasInstrumentedProcessor = true;
    this.isHeldBack = !isProcessed;
    return isProcessed;
  }

  /** Called when no more bytes will arrive. */
  protected end(): void {
    const { errors, hasInstrumentedProcessor } = this.inputs;
    if (this.isRefused) return;
    if (this.endsWithinMessage || (this.isHeldBack && hasInstrumentedProcessor)) {
      errors.count('cut_off_struct');
    }
  }
}

/** The bytes of a connection that Thrift reads directly. */
export class StreamInput extends ServerInput {
  constructor(
    private readonly socket: Socket,
    inputs: ServerInputs,
  ) {
    super(inputs);
  }

  watch(): void {
    const { socket } = this;
    const enter = (): void => this.enter();
    if (watchData(socket, enter, () => void this.leave())) socket.on('close', () => this.end());
  }

  isOpen(): boolean {
    return this.socket.writable;
  }

  protected override source(): Socket {
    return this.socket;
  }
}

/** The body of one HTTP request. */
export class HttpInput extends ServerInput {
  constructor(
    private readonly request: IncomingMessage,
    private readonly response: ServerResponse,
    inputs: ServerInputs,
  ) {
    super(inputs);
  }

  watch(): void {
    const { request } = this;
    const enter = (): void => this.enter();
    if (watchData(request, enter, (data) => this.countRefused(data, this.leave()))) {
      request.on('close', () => this.end());
    }
  }

  isOpen(): boolean {
    const { request, response } = this;
    return !response.writableEnded && request.socket.writable;
  }

  protected override source(): Socket {
    return this.request.socket;
  }

  /** Thrift answers 500 when its transport or the processor fails, and does not report which one. */
  private countRefused(data: Buffer, isProcessed: boolean): void {
    const { response } = this;
    if (!response.writableEnded || response.statusCode !== 500) return;
    this.isRefused = true;
    if (isProcessed) return;
    const { errors, hasInstrumentedProcessor } = this.inputs;
    const reason = reasonOfRefusedBody(data, hasInstrumentedProcessor);
    if (reason !== null) errors.count(reason);
  }
}

/** The bytes of a WebSocket. Thrift keeps nothing between WebSocket messages, so a Thrift message that ends early is cut off. */
export class WebSocketInput extends ServerInput {
  constructor(
    private readonly socket: Socket,
    inputs: ServerInputs,
  ) {
    super(inputs);
  }

  watch(): void {
    const enter = (): void => this.enter();
    watchData(this.socket, enter, (data) => this.countRefused(data, this.leave()));
  }

  isOpen(): boolean {
    return this.socket.writable;
  }

  protected override source(): Socket {
    return this.socket;
  }

  private countRefused(data: Buffer, isProcessed: boolean): void {
    // Thrift destroys the socket only if it cannot decode a frame.
    if (this.socket.destroyed) this.inputs.errors.count('garbage');
    else if (!isProcessed && this.inputs.hasInstrumentedProcessor) this.countHeldBack(data);
    else if (this.endsWithinMessage) {
      this.endsWithinMessage = false;
      // Thrift also passes a close or ping to the processor, which takes it for the beginning of a message.
      if (lastFrame(data)?.isControl !== true) this.inputs.errors.count('cut_off_struct');
    }
  }

  /** A WebSocket message that did not reach the processor is a Thrift frame that is refused or incomplete. */
  private countHeldBack(data: Buffer): void {
    const frame = lastFrame(data);
    if (frame === null || !frame.isMessage || frame.start.length === 0) return;
    this.inputs.errors.count(reasonOfHeldBackFrame(frame.start));
  }
}

/**
 * Calls `enter` before and `leave` after the existing `data` listeners of a stream. Does nothing if there are none,
 * because a listener would make the stream flow.
 *
 * @returns whether there are listeners
 */
export function watchData(
  stream: EventEmitter,
  enter: () => void,
  leave: (data: Buffer) => void,
): boolean {
  if (stream.listenerCount('data') === 0) return false;
  stream.prependListener('data', enter);
  stream.on('data', leave);
  return true;
}
