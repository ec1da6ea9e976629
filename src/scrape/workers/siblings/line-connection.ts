import type { Socket } from 'node:net';

import { parseMessage, type WorkerMessage } from '../worker-messages';

/** Characters of the longest message. A chunk of a report is much shorter. */
const MAX_LENGTH = 64 * 2 ** 20;

/** A connection between two processes that exchange messages, one in each line. It does not keep the process alive. */
export class LineConnection {
  private received = '';

  constructor(
    private readonly socket: Socket,
    onMessage: (message: WorkerMessage) => void,
    onEnd: () => void,
  ) {
    socket.unref();
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      const lines = (this.received + text).split('\n');
      this.received = lines.pop() ?? '';
      if (this.received.length > MAX_LENGTH) socket.destroy();
      for (const line of lines) {
        const message = parse(line);
        if (message !== null) onMessage(message);
      }
    });
    // Followed by 'close'.
    socket.on('error', () => {});
    socket.on('close', onEnd);
    // A leader accepts connections before it knows that it leads.
    socket.resume();
  }

  send(message: WorkerMessage): void {
    if (this.socket.writable) this.socket.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.socket.destroy();
  }
}

function parse(line: string): WorkerMessage | null {
  try {
    return parseMessage(JSON.parse(line));
  } catch {
    return null;
  }
}
