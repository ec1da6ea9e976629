import { milliseconds, runSoon } from '../metrics/clock';
import { TIME_BUDGET } from './deadlines';
import type { MetricWriter, Sink } from './writer';

/** Lets long work yield to the event loop whenever it has held it for {@link TIME_BUDGET}. */
export class TimeBudget {
  private began = milliseconds();
  /** Milliseconds for which the work held the event loop until it last yielded. */
  private held = 0;

  isSpent(): boolean {
    return milliseconds() - this.began > TIME_BUDGET;
  }

  /** Milliseconds for which the work has held the event loop. Does not include the time in which it had yielded. */
  total(): number {
    return this.held + milliseconds() - this.began;
  }

  /** Resolves after everything that waits in the event loop has had its turn. */
  async yield(): Promise<void> {
    this.held = this.total();
    await new Promise((resolve) => runSoon(resolve));
    this.restart();
  }

  /** Restarts the budget after the caller has yielded in another way. */
  restart(): void {
    this.began = milliseconds();
  }
}

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
