import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A call of `reset`, which no other client makes. Whether it arrives before its connection is reset is left to chance. */
const CALL = Buffer.from('80010001 00000005 7265736574 00000001 00'.replaceAll(' ', ''), 'hex');

type Attack = (socket: Socket) => void;

const GET = 'GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n';

const ON_THRIFT: Record<string, Attack> = {
  'random bytes': (socket) => socket.end(randomBytes(1 + Math.floor(Math.random() * 4096))),
  'an HTTP request': (socket) => socket.end(GET),
  'a truncated call': (socket) => socket.end(CALL.subarray(0, 6)),
  'a truncated call and a reset': (socket) => resetAfter(socket, CALL.subarray(0, 9)),
  'a call and a reset': (socket) => resetAfter(socket, CALL),
  'a connection without data': (socket) => socket.end(),
};

const ON_METRICS: Record<string, Attack> = {
  'random bytes': (socket) => socket.end(randomBytes(1 + Math.floor(Math.random() * 4096))),
  'half a request': (socket) => socket.end(GET.slice(0, 20)),
  'a request and a reset': (socket) => resetAfter(socket, Buffer.from(GET)),
  'a 64 KiB header': (socket) => socket.end(`GET / HTTP/1.1\r\nX: ${'x'.repeat(65_536)}\r\n\r\n`),
  'a Thrift call': (socket) => socket.end(CALL),
};

/** Sends garbage to either port. */
export class Garbage {
  readonly counts: Record<string, number> = {};
  /** Calls of `reset` that may or may not have arrived. */
  uncertainCalls = 0;

  async onThrift(port: number): Promise<void> {
    for (const [name, attack] of Object.entries(ON_THRIFT)) {
      if (name === 'a call and a reset') this.uncertainCalls++;
      await this.#send(port, `Thrift port: ${name}`, attack);
    }
  }

  async onMetrics(port: number): Promise<void> {
    for (const [name, attack] of Object.entries(ON_METRICS)) {
      await this.#send(port, `metrics port: ${name}`, attack);
    }
  }

  async #send(port: number, name: string, attack: Attack): Promise<void> {
    this.counts[name] = (this.counts[name] ?? 0) + 1;
    const socket = connect(port, '127.0.0.1');
    // The server is expected to hang up.
    socket.on('error', () => {}).resume();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    await Promise.race([once(socket, 'connect').catch(() => {}), closed]);
    attack(socket);
    await closed;
  }
}

function resetAfter(socket: Socket, bytes: Buffer): void {
  socket.write(bytes, () => socket.resetAndDestroy());
}
