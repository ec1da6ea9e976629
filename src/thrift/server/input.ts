import type { EventEmitter } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import {
  hasReachedProcessor,
  type ServerConnection,
  setCurrentConnection,
} from '../current-connection';
import { countProtocolError } from '../refused-input';
import { lastFrame } from './web-socket-frame';

/** What the connections of one server have found out about its processors. */
export interface ServerProcessors {
  /** Whether one that is instrumented has been given anything: then it is known what reaches it, and what does not. */
  areSeen: boolean;
}

/** Bytes that belong together and are handed to Thrift piece by piece: those of a connection, or of an HTTP request. */
export abstract class ServerInput implements ServerConnection {
  endsWithinMessage = false;
  isRefused = false;
  /** What came last did not reach the processor: Thrift waits for the rest of a frame. */
  private isHeldBack = false;

  constructor(protected readonly processors: ServerProcessors) {}

  abstract isOpen(): boolean;

  /** Thrift is about to be handed a piece. */
  protected enter(): void {
    setCurrentConnection(this);
  }

  /** Thrift has been handed it. Says whether any of it has reached an instrumented processor. */
  protected leave(): boolean {
    const isProcessed = hasReachedProcessor();
    setCurrentConnection(null);
    if (isProcessed) this.processors.areSeen = true;
    this.isHeldBack = !isProcessed;
    return isProcessed;
  }

  /** There will be no more. */
  protected end(): void {
    if (this.isRefused) return;
    if (this.endsWithinMessage || (this.isHeldBack && this.processors.areSeen)) {
      countProtocolError('cut_off_struct');
    }
  }
}

/** What comes over a connection that Thrift reads itself. */
export class StreamInput extends ServerInput {
  constructor(
    private readonly socket: Socket,
    processors: ServerProcessors,
  ) {
    super(processors);
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
    processors: ServerProcessors,
  ) {
    super(processors);
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

  /** Thrift answers 500 where its transport fails and where the processor does, and tells nobody why. */
  private judge(data: Buffer, isProcessed: boolean): void {
    const { response } = this;
    if (!response.writableEnded || response.statusCode !== 500) return;
    this.isRefused = true;
    if (!isProcessed && (this.processors.areSeen || isNoMessage(data))) {
      countProtocolError('oversize_frame');
    }
  }
}

/** That neither a message begins so nor a frame: what tells where no processor is instrumented. */
function isNoMessage(data: Buffer): boolean {
  if (data.length < 4 || isFrameSize(data.readInt32BE(0))) return false;
  const isBinary = data[0] === 0x80 && data[1] === 0x01;
  const isCompact = data[0] === 0x82;
  const isJson = data[0] === 0x5b;
  return !isBinary && !isCompact && !isJson;
}

/** What comes over a WebSocket. Thrift keeps nothing of a message for the next: one that is cut off stays so. */
export class WebSocketInput extends ServerInput {
  constructor(
    private readonly socket: Socket,
    processors: ServerProcessors,
  ) {
    super(processors);
  }

  watch(): void {
    const enter = (): void => this.enter();
    watchData(this.socket, enter, (data) => this.judge(data, this.leave()));
  }

  isOpen(): boolean {
    return this.socket.writable;
  }

  private judge(data: Buffer, isProcessed: boolean): void {
    // Thrift destroys it where it cannot decode a frame, and nowhere else.
    if (this.socket.destroyed) countProtocolError('garbage');
    else if (!isProcessed && this.processors.areSeen) countHeldBack(data);
    else if (this.endsWithinMessage) {
      this.endsWithinMessage = false;
      // Thrift hands a close or ping to the processor, too, which takes it for the beginning of a message.
      if (lastFrame(data)?.isControl !== true) countProtocolError('cut_off_struct');
    }
  }
}

/** A message that did not reach the processor is a frame of Thrift that is refused, or not whole. */
function countHeldBack(data: Buffer): void {
  const frame = lastFrame(data);
  if (frame === null || !frame.isMessage || frame.start.length === 0) return;
  const isOversize = frame.start.length === 4 && !isFrameSize(frame.start.readInt32BE(0));
  countProtocolError(isOversize ? 'oversize_frame' : 'cut_off_struct');
}

/**
 * Has `enter` and `leave` called before and after all that listen to the data of a stream now. Where nobody does, nothing
 * is done: a listener would make the stream flow.
 *
 * @returns whether anybody does
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

/** What Thrift's framed transport takes where nobody says otherwise, and on web servers always. */
const MAX_FRAME_SIZE = 16_384_000;

/** Whether a web server takes a frame that announces this size. */
export function isFrameSize(size: number): boolean {
  return size >= 0 && size <= MAX_FRAME_SIZE;
}
