import { TimeBudget } from '../runtime/time-budget';
import type { MetricWriter, Sink } from './writer';

/** Bytes after which a long body is passed on: about as many as are written within one time budget. */
export const CHUNK_BYTES = 64 * 1024;

/** The time budget of a render, which also passes each full chunk on to the sink. */
export class OutputBudget {
  private readonly budget = new TimeBudget();

  constructor(
    private readonly writer: MetricWriter,
    private readonly sink: Sink | null,
  ) {}

  isSpent(): boolean {
    return this.isChunkFull() || this.budget.isSpent();
  }

  /** Resolves after everything that waits in the event loop has had its turn, or the sink has taken a chunk. */
  async yield(): Promise<void> {
    if (this.sink !== null && this.isChunkFull()) {
      await this.sink.write(this.writer.take());
      this.budget.restart();
    } else await this.budget.yield();
  }

  private isChunkFull(): boolean {
    return this.sink !== null && this.writer.length >= CHUNK_BYTES;
  }
}
