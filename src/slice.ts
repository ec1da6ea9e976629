import { performance } from 'node:perf_hooks';

/** How long a scrape holds the event loop at a time, in milliseconds: what a call may have to wait for it. */
const SLICE = 0.1;

/** Lets long work give the event loop back from time to time. */
export class Slice {
  private began = performance.now();

  isOver(): boolean {
    return performance.now() - this.began > SLICE;
  }

  /** Resolves once what waited in the event loop has had its turn. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.begin();
  }

  /** For who has rested in another way. */
  begin(): void {
    this.began = performance.now();
  }
}
