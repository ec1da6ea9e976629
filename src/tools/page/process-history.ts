import {
  type EventLoopUtilization,
  type IntervalHistogram,
  monitorEventLoopDelay,
} from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

import { eventLoopUtilization } from '../../metrics/clock';
import { GaugeHistory } from './sampled-values';

/** Milliseconds between two measurements of the event loop delay. */
const RESOLUTION = 20;

/** The health of the process at each sample of a timeline. */
export class ProcessHistory {
  /** Longest event loop delay since the previous sample, in seconds. */
  readonly loopDelay: GaugeHistory;
  /** Fraction of the time since the previous sample in which the event loop was not waiting for events. */
  readonly utilization: GaugeHistory;
  /** CPU seconds per second since the previous sample. */
  readonly cpu: GaugeHistory;
  /** In bytes. */
  readonly heapUsed: GaugeHistory;
  /** In bytes. */
  readonly heapLimit = getHeapStatistics().heap_size_limit;
  private readonly delays: IntervalHistogram = monitorEventLoopDelay({ resolution: RESOLUTION });
  /** Null if the runtime does not know it. */
  private utilizationBefore = readUtilization();
  private cpuBefore = process.cpuUsage();
  private timeBefore: number;

  constructor(capacity: number, time: number) {
    this.loopDelay = new GaugeHistory(capacity);
    this.utilization = new GaugeHistory(capacity);
    this.cpu = new GaugeHistory(capacity);
    this.heapUsed = new GaugeHistory(capacity);
    this.timeBefore = time;
    this.delays.enable();
  }

  record(time: number, slot: number): void {
    // The histogram has the time between two measurements, which is RESOLUTION in an idle process.
    const delay = this.delays.max / 1e9 - RESOLUTION / 1e3;
    this.delays.reset();
    this.loopDelay.set(Math.max(0, delay), slot);
    const used = readUtilization();
    if (used !== null && this.utilizationBefore !== null) {
      const active = used.active - this.utilizationBefore.active;
      const idle = used.idle - this.utilizationBefore.idle;
      this.utilization.set(active + idle > 0 ? active / (active + idle) : 0, slot);
    }
    this.utilizationBefore = used;
    const { user, system } = process.cpuUsage(this.cpuBefore);
    this.cpuBefore = process.cpuUsage();
    const seconds = (time - this.timeBefore) / 1e3;
    this.timeBefore = time;
    this.cpu.set(seconds > 0 ? (user + system) / 1e6 / seconds : 0, slot);
    this.heapUsed.set(getHeapStatistics().used_heap_size, slot);
  }

  get knowsUtilization(): boolean {
    return this.utilizationBefore !== null;
  }

  close(): void {
    this.delays.disable();
  }
}

function readUtilization(): EventLoopUtilization | null {
  try {
    return eventLoopUtilization?.() ?? null;
  } catch {
    // Some runtimes have the function and throw that it is not implemented.
    return null;
  }
}
