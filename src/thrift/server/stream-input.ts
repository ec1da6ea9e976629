import type { Socket } from 'node:net';

import { ServerInput, type ServerProcessors } from './server-input';
import { watchData } from './watch-data';

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
