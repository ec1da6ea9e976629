import type { IncomingMessage, ServerResponse } from 'node:http';

import { isFrameSize } from './frame-size';
import { countProtocolError } from '../protocol-errors';
import { ServerInput, type ServerProcessors } from './server-input';
import { watchData } from './watch-data';

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
