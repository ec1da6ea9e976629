import { performance } from 'node:perf_hooks';

import { TIME_BUDGET } from './deadlines';
import type { MetricWriter, Sink } from './writer';

// Captured at import, so that fake timers of a test runner cannot keep a scrape from going on.
const { setImmediate } = globalThis;

/** Lets long work yield to the event loop whenever it has held it for {@link TIME_BUDGET}. */
export class TimeBudget {
  private began = performance.now();

  isSpent(): boolean {
    return performance.now() - this.began > TIME_BUDGET;
  }

  /** Resolves after everything that waited in the event loop has had its turn. */
  async yield(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.restart();
  }

  /** Restarts the budget after the caller has yielded by itself. */
  restart(): void {
    this.began = performance.now();
  }
}

/** Number of bytes after which a long body is passed on: about what is written within one time budget. */
export const CHUNK = 64 * 1024;

/** The time budget of a render, which also passes a chunk on to the sink whenever one is full. */
export class OutputBudget {
  private readonly budget = new TimeBudget();

  constructor(
    private readonly writer: MetricWriter,
    private readonly sink: Sink | null,
  ) {}

  isSpent(): boolean {
    return (this.sink !== null && this.writer.length >= CHUNK) || this.budget.isSpent();
  }

  /** Resolves after everything that waited in the event loop has had its turn. */
  async yield(): Promise<void> {
    const { sink, writer, budget } = this;
    if (sink !== null && writer.length >= CHUNK) {
      await sink.write(writer.take());
      budget.restart();
    } else await budget.yield();
  }
}
