import {
  hasReachedProcessor,
  setCurrentConnection,
  type ServerConnection,
} from '../current-connection';
import { countProtocolError } from '../protocol-errors';

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
