import type { ThriftAddress } from '../recording/call-message';
import { definePart } from '../runtime/runtime';

/** What the processor needs to know about the connection whose input it reads. */
export interface ServerConnection {
  /** False once a reply can no longer reach the client. */
  isOpen(): boolean;
  /** Whether the latest input ended within a message. Set by the processor. */
  endsWithinMessage: boolean;
  /** When the chunk that Thrift is processing right now arrived, or `UNTIMED` if it is processing none. */
  readonly arrival: [number, number];
  /** Whether Thrift has refused the input. The refusal is counted, so the end of the connection is not. */
  isRefused: boolean;
  /** The client's end of the connection. */
  readonly peer: ThriftAddress | undefined;
  /** The server's end of the connection. */
  readonly local: ThriftAddress | undefined;
  /** The common name in the certificate of the client, or null without a certificate that the server has verified. */
  readonly certificateName: string | null;
}

/** The connection whose bytes Thrift is processing right now, if its server is instrumented. */
export class CurrentConnection {
  private connection: ServerConnection | null = null;
  private isReached = false;

  /** Whether an instrumented processor has read anything since the connection entered. */
  get hasReachedProcessor(): boolean {
    return this.isReached;
  }

  /** Called just before Thrift's own listener gets the bytes. */
  enter(connection: ServerConnection): void {
    this.connection = connection;
    this.isReached = false;
  }

  /** Called just after Thrift's own listener got the bytes, in the same turn of the event loop. */
  leave(): void {
    this.connection = null;
    this.isReached = false;
  }

  /** Notes that an instrumented processor is reading, and returns the connection that it reads from. */
  reachProcessor(): ServerConnection | null {
    this.isReached = true;
    return this.connection;
  }

  /** Notes that Thrift refuses the bytes that it is processing. */
  refuse(): void {
    if (this.connection !== null) this.connection.isRefused = true;
  }
}

export const currentConnectionOf = definePart('thrift.connection', () => new CurrentConnection());
