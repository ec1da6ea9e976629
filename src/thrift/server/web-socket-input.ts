import type { Socket } from 'node:net';

import { isFrameSize } from './frame-size';
import { countProtocolError } from '../protocol-errors';
import { ServerInput, type ServerProcessors } from './server-input';
import { watchData } from './watch-data';
import { lastFrame } from './web-socket-frame';

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
