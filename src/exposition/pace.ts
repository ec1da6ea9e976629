import { performance } from 'node:perf_hooks';

import type { MetricWriter } from './metric-writer';
import type { Sink } from './sink';

/** How long a render holds the event loop at a time, in milliseconds: what a call may have to wait for it. */
const SLICE = 0.1;

/** How much a sink is given at a time, in bytes: about what is written within a slice. */
export const PIECE = 64 * 1024;

/** Lets a long render give the event loop back from time to time, and hands on what is written by then. */
export class Pace {
  private began = performance.now();

  constructor(
    private readonly writer: MetricWriter,
    private readonly sink: Sink | null,
  ) {}

  isOver(): boolean {
    return (
      (this.sink !== null && this.writer.length >= PIECE) || performance.now() - this.began > SLICE
    );
  }

  /** Resolves once what waited in the event loop has had its turn. */
  async rest(): Promise<void> {
    const { sink, writer } = this;
    if (sink !== null && writer.length >= PIECE) await sink.write(writer.take());
    else await new Promise((resolve) => setImmediate(resolve));
    this.began = performance.now();
  }
}
