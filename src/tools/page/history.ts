import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

import { PAGE_METRIC_DEADLINE } from '../../scrape/deadlines';
import { TimeBudget } from '../../scrape/time-budget';
import type { Runtime } from '../../runtime/runtime';
import { peerGroupOf } from '../../scrape/workers/peer-group';
import { sumOverWorkers } from '../../scrape/workers/sum-over-workers';
import { GaugeHistory, MethodHistory } from './method-history';
import { MethodReader, type MethodReading } from './read-methods';
import { Timeline } from './timeline';

/** Methods of which anything is kept. Each takes 40 kB at most with the default buckets. */
export const MOST_METHODS = 200;

/**
 * The last samples of what the declared methods have counted, and of how the process does. It is bounded: by the number
 * of samples, of methods, and of types of errors for each method.
 */
export class History {
  readonly timeline: Timeline;
  readonly process: ProcessHistory;
  readonly methods = new Map<string, MethodHistory>();
  private readonly reader: MethodReader;
  /** Methods of which nothing is kept. */
  methodsLeftOut = 0;
  /** Whether the sample before was one of all workers. */
  private isSum = false;

  /** @param time milliseconds of a monotonic clock, as those of each sample */
  constructor(
    private readonly runtime: Runtime,
    private readonly capacity: number,
    time: number,
  ) {
    this.reader = new MethodReader(runtime);
    this.timeline = new Timeline(capacity);
    this.process = new ProcessHistory(capacity, time);
  }

  /** Reads every metric once, in one go. */
  sample(time: number): void {
    const reading = this.reader.read();
    let step = reading.next();
    while (step.done !== true) step = reading.next();
    this.record(time, step.value, false);
  }

  /**
   * Reads every metric once, summed over the workers if there are any, and gives the event loop back on the way: there
   * may be many thousand series.
   */
  async sampleInSlices(now: () => number): Promise<void> {
    const { runtime, reader } = this;
    const sums = peerGroupOf(runtime).hasPeers()
      ? (await sumOverWorkers(runtime, PAGE_METRIC_DEADLINE, (metric) => reader.canRead(metric)))
          .families
      : null;
    const budget = new TimeBudget();
    const reading = this.reader.read(sums);
    let step = reading.next();
    while (step.done !== true) {
      // oxlint-disable-next-line no-await-in-loop -- that is what slices are for
      if (budget.isSpent()) await budget.yield();
      step = reading.next();
    }
    this.record(now(), step.value, sums !== null);
  }

  private record(time: number, readings: ReadonlyMap<string, MethodReading>, isSum: boolean): void {
    // What workers have counted before they were asked for the first time was not counted since the sample before.
    const isFirst = this.timeline.newest === -1 || isSum !== this.isSum;
    this.isSum = isSum;
    const slot = this.timeline.begin(time);
    this.process.record(time, slot);
    let leftOut = 0;
    for (const [key, reading] of readings) {
      let history = this.methods.get(key);
      if (history === undefined && this.methods.size < MOST_METHODS) {
        history = new MethodHistory(this.capacity, reading.service, reading.method);
        this.methods.set(key, history);
      }
      if (history === undefined) leftOut++;
      else {
        // What is declared later has counted nothing before.
        if (isFirst) history.beginAt(reading);
        history.record(reading, slot);
      }
    }
    this.methodsLeftOut = leftOut;
    // A method that is declared no more, under the name that it had: others may need the place.
    for (const key of this.methods.keys()) if (!readings.has(key)) this.methods.delete(key);
  }

  close(): void {
    this.process.close();
  }
}

/** How often the delay of the event loop is looked at, in milliseconds. */
const RESOLUTION = 20;

/** How the process does, over the samples that are held. */
export class ProcessHistory {
  /** The longest delay of the event loop since the sample before, in seconds. */
  readonly loopDelay: GaugeHistory;
  /** CPU seconds a second since the sample before. */
  readonly cpu: GaugeHistory;
  /** Bytes. */
  readonly heapUsed: GaugeHistory;
  readonly heapLimit = getHeapStatistics().heap_size_limit;
  private readonly delays: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  private cpuBefore = process.cpuUsage();
  private timeBefore: number;

  constructor(capacity: number, time: number) {
    this.loopDelay = new GaugeHistory(capacity);
    this.cpu = new GaugeHistory(capacity);
    this.heapUsed = new GaugeHistory(capacity);
    this.timeBefore = time;
    this.delays.enable();
  }

  record(time: number, slot: number): void {
    // What is measured is the time between two looks; on an idle loop it is the resolution.
    const delay = this.delays.max / 1e9 - RESOLUTION / 1e3;
    this.delays.reset();
    this.loopDelay.set(Math.max(0, delay), slot);
    const { user, system } = process.cpuUsage(this.cpuBefore);
    this.cpuBefore = process.cpuUsage();
    const seconds = (time - this.timeBefore) / 1e3;
    this.timeBefore = time;
    this.cpu.set(seconds > 0 ? (user + system) / 1e6 / seconds : 0, slot);
    this.heapUsed.set(getHeapStatistics().used_heap_size, slot);
  }

  close(): void {
    this.delays.disable();
  }
}
