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
  /** On the heap and in buffers outside it, after a garbage collection. */
  readonly bytes: number;
}

const INTERVAL_MS = 1000;

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

  sampleHeap(): void {
    const { gc } = globalThis;
    if (gc === undefined) throw new Error('needs node --expose-gc');
    setInterval(() => {
      gc();
      const { heapUsed, external } = process.memoryUsage();
      this.heap.push({ seconds: performance.now() / 1000, bytes: heapUsed + external });
    }, INTERVAL_MS).unref();
  }
}
