import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { getHeapCodeStatistics, queryObjects } from 'node:v8';

import { configureMetrics } from 'thrift-metrics';

/** What a program reports about itself at the end. */
export interface Witness {
  /** Uncaught exceptions and unhandled rejections. */
  readonly uncaught: readonly string[];
  /** The locations at which metrics code reported a fault. */
  readonly faults: readonly string[];
  readonly heap: readonly HeapSample[];
}

export interface HeapSample {
  /** Time since the program started. */
  readonly seconds: number;
  /** Bytes on the heap, except code, and in buffers outside it, after a garbage collection. */
  readonly bytes: number;
  /** Number of objects, including those of Node.js itself. */
  readonly objects: number;
  /** Sockets, servers, timers and other resources that keep the process running. */
  readonly handles: number;
  /** 99th percentile of the delay of the event loop since the sample before, in milliseconds. */
  readonly delay: number;
}

/** Several, since the first collection may release what held other objects. */
const COLLECTIONS = 3;

/** Records everything that goes wrong in this process, and samples its memory. */
export class Watch implements Witness {
  readonly uncaught: string[] = [];
  readonly faults: string[] = [];
  readonly heap: HeapSample[] = [];
  readonly #delay = monitorEventLoopDelay({ resolution: 10 });

  constructor() {
    this.#delay.enable();
    const note = (error: unknown): void => {
      this.uncaught.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
    };
    process.on('uncaughtException', note).on('unhandledRejection', note);
    configureMetrics({ onError: (_error, site) => this.faults.push(site) });
  }

  /** Call this when the process is idle, since an answer that is being compressed holds some MiB. */
  async sampleHeap(): Promise<void> {
    const { gc } = globalThis;
    const delay = this.#delay.percentile(99) / 1e6;
    if (gc === undefined) throw new Error('needs node --expose-gc');
    for (let i = 0; i < COLLECTIONS; i++) {
      gc();
      // Let finalizers run, and let zlib and sockets close.
      await nextTurn();
    }
    const { heapUsed, external } = process.memoryUsage();
    const objects = queryObjects(Object, { format: 'count' });
    // Exclude code: V8 keeps compiling while it learns, and drops code that has not run for a while.
    const { code_and_metadata_size: machineCode, bytecode_and_metadata_size: bytecode } =
      getHeapCodeStatistics();
    this.heap.push({
      seconds: performance.now() / 1000,
      bytes: heapUsed + external - machineCode - bytecode,
      objects,
      handles: process.getActiveResourcesInfo().length,
      delay,
    });
    // The collections above delayed the event loop, too.
    this.#delay.reset();
  }
}
