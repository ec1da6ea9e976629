import { performance } from 'node:perf_hooks';

/** How long a render holds the event loop at a time, in milliseconds. */
const SLICE = 0.2;

/** Lets a long render give the event loop back from time to time. */
export class Pace {
  private began = performance.now();

  isOver(): boolean {
    return performance.now() - this.began > SLICE;
  }

  /** Resolves once what waited in the event loop has had its turn. */
  async rest(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.began = performance.now();
  }
}
