import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapCodeStatistics, queryObjects } from 'node:v8';

import { configureMetrics } from 'thrift-metrics';

/** What a program tells of itself at the end. */
export interface Witness {
  /** Uncaught exceptions and unhandled rejections. */
  readonly uncaught: readonly string[];
  /** The sites at which metrics code reported a fault of its own. */
  readonly faults: readonly string[];
  readonly heap: readonly HeapSample[];
}

export interface HeapSample {
  /** Since the program began. */
  readonly seconds: number;
  /** On the heap, code left out, and in buffers outside it, after a garbage collection. */
  readonly bytes: number;
  /** How many objects there are, those of Node.js itself included. */
  readonly objects: number;
}

/** What the first lets go may be what something else was held by. */
const COLLECTIONS = 3;

/** Takes note of whatever goes wrong in this process, and of its memory. */
export class Watch implements Witness {
  readonly uncaught: string[] = [];
  readonly faults: string[] = [];
  readonly heap: HeapSample[] = [];

  constructor() {
    const note = (error: unknown): void => {
      this.uncaught.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    };
    process.on('uncaughtException', note).on('unhandledRejection', note);
    configureMetrics({ onError: (_error, site) => this.faults.push(site) });
  }

  /** To be asked for when nothing is under way: an answer that is being compressed holds some MiB. */
  async sampleHeap(): Promise<void> {
    const { gc } = globalThis;
    if (gc === undefined) throw new Error('needs node --expose-gc');
    for (let i = 0; i < COLLECTIONS; i++) {
      gc();
      // Finalizers, and what zlib and sockets close, have their turn.
      await nextTurn();
    }
    const { heapUsed, external } = process.memoryUsage();
    const objects = queryObjects(Object, { format: 'count' });
    // V8 compiles as long as it learns, and lets go of code that has not run for a while.
    const { code_and_metadata_size: machineCode, bytecode_and_metadata_size: bytecode } =
      getHeapCodeStatistics();
    this.heap.push({
      seconds: performance.now() / 1000,
      bytes: heapUsed + external - machineCode - bytecode,
      objects,
    });
  }
}
