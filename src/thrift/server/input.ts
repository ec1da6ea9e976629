import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { CurrentConnection, ServerConnection } from '../current-connection';
import type { ProtocolErrors } from '../refused-input';
import { lastFrame } from './web-socket-frame';

/** What the inputs of one server share. */
export interface ServerInputs {
  readonly current: CurrentConnection;
  readonly errors: ProtocolErrors;
  /** Whether an instrumented processor has read anything: then it is known what reaches the processor and what does not. */
  hasInstrumentedProcessor: boolean;
}

/** Bytes that Thrift is given chunk by chunk: those of a connection, or of an HTTP request. */
export abstract class ServerInput implements ServerConnection {
  endsWithinMessage = false;
  isRefused = false;
  /** Whether the latest chunk did not reach the processor, because Thrift waits for the rest of a frame. */
  private isHeldBack = false;

  constructor(protected readonly inputs: ServerInputs) {}

  abstract isOpen(): boolean;

  /** Thrift is about to be given a chunk. */
  protected enter(): void {
    this.inputs.current.enter(this);
  }

  /** Thrift was given the chunk. Returns whether it has reached an instrumented processor. */
  protected leave(): boolean {
    const { current } = this.inputs;
    const isProcessed = current.hasReachedProcessor;
    current.leave();
    if (isProcessed) this.inputs.hasInstrumentedProcessor = true;
    this.isHeldBack = !isProcessed;
    return isProcessed;
  }

  /** No more bytes will come. */
  protected end(): void {
    const { errors, hasInstrumentedProcessor } = this.inputs;
    if (this.isRefused) return;
    if (this.endsWithinMessage || (this.isHeldBack && hasInstrumentedProcessor)) {
      errors.count('cut_off_struct');
    }
  }
}

/** The bytes of a connection that Thrift reads itself. */
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
    if (watchData(request, enter, (data) => this.judge(data, this.leave()))) {
      request.on('close', () => this.end());
    }
  }

  isOpen(): boolean {
    const { request, response } = this;
    return !response.writableEnded && request.socket.writable;
  }

  /** Thrift answers 500 when its transport or the processor fails, and does not say which. */
  private judge(data: Buffer, isProcessed: boolean): void {
    const { response } = this;
    if (!response.writableEnded || response.statusCode !== 500) return;
    this.isRefused = true;
    if (!isProcessed && (this.inputs.hasInstrumentedProcessor || isNoMessage(data))) {
      this.inputs.errors.count('oversize_frame');
    }
  }
}

/** Whether neither a message nor a frame begins like this, for servers without an instrumented processor. */
function isNoMessage(data: Buffer): boolean {
  if (data.length < 4 || isFrameSize(data.readInt32BE(0))) return false;
  const isBinary = data[0] === 0x80 && data[1] === 0x01;
  const isCompact = data[0] === 0x82;
  const isJson = data[0] === 0x5b;
  return !isBinary && !isCompact && !isJson;
}

/** The bytes of a WebSocket. Thrift keeps nothing from one message to the next, so a message that ends early stays cut off. */
export class WebSocketInput extends ServerInput {
  constructor(
    private readonly socket: Socket,
    inputs: ServerInputs,
  ) {
    super(inputs);
  }

  watch(): void {
    const enter = (): void => this.enter();
    watchData(this.socket, enter, (data) => this.judge(data, this.leave()));
  }

  isOpen(): boolean {
    return this.socket.writable;
  }

  private judge(data: Buffer, isProcessed: boolean): void {
    // Thrift destroys the socket only when it cannot decode a frame.
    if (this.socket.destroyed) this.inputs.errors.count('garbage');
    else if (!isProcessed && this.inputs.hasInstrumentedProcessor) this.countHeldBack(data);
    else if (this.endsWithinMessage) {
      this.endsWithinMessage = false;
      // Thrift also gives a close or ping to the processor, which mistakes it for the beginning of a message.
      if (lastFrame(data)?.isControl !== true) this.inputs.errors.count('cut_off_struct');
    }
  }

  /** A message that did not reach the processor is a Thrift frame that is refused or incomplete. */
  private countHeldBack(data: Buffer): void {
    const frame = lastFrame(data);
    if (frame === null || !frame.isMessage || frame.start.length === 0) return;
    const isOversize = frame.start.length === 4 && !isFrameSize(frame.start.readInt32BE(0));
    this.inputs.errors.count(isOversize ? 'oversize_frame' : 'cut_off_struct');
  }
}

/**
 * Calls `enter` before and `leave` after the present listeners of a stream's data. Does nothing if there are none, because
 * a listener would make the stream flow.
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

/** The largest frame that Thrift's framed transport accepts by default, and always on web servers. */
const MAX_FRAME_SIZE = 16_384_000;

/** Whether a web server accepts a frame that announces this size. */
export function isFrameSize(size: number): boolean {
  return size >= 0 && size <= MAX_FRAME_SIZE;
}
