import { monitorEventLoopDelay, type IntervalHistogram } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

import { GaugeHistory } from './gauge-history';

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
