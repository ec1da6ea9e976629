import { performance } from 'node:perf_hooks';

import type { MetricWriter, Sink } from './writer';

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

/** How much a sink is given at a time, in bytes: about what is written within a slice. */
export const PIECE = 64 * 1024;

/** Lets a long render give the event loop back from time to time, and hands on what is written by then. */
export class Pace {
  private readonly slice = new Slice();

  constructor(
    private readonly writer: MetricWriter,
    private readonly sink: Sink | null,
  ) {}

  isOver(): boolean {
    return (this.sink !== null && this.writer.length >= PIECE) || this.slice.isOver();
  }

  /** Resolves once what waited in the event loop has had its turn. */
  async rest(): Promise<void> {
    const { sink, writer, slice } = this;
    if (sink !== null && writer.length >= PIECE) {
      await sink.write(writer.take());
      slice.begin();
    } else await slice.rest();
  }
}
