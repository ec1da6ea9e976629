import { PAGE_METRIC_DEADLINE } from '../../scrape/deadlines';
import type { Runtime } from '../../runtime/runtime';
import { TimeBudget } from '../../scrape/time-budget';
import { peerGroupOf } from '../../scrape/workers/peer-group';
import { sumOverWorkers } from '../../scrape/workers/sum-over-workers';
import { MethodHistory } from './method-history';
import { MethodReader, type MethodReading } from './method-reader';
import { ProcessHistory } from './process-history';
import { Timeline } from './timeline';

/** Maximum number of recorded methods. Each takes at most 40 kB with the default buckets. */
export const MAX_METHODS = 200;

/**
 * The latest samples of the declared methods and of the health of the process. Its size is bounded by the number of
 * samples, of methods, and of error types per method.
 */
export class History {
  readonly timeline: Timeline;
  readonly process: ProcessHistory;
  readonly methods = new Map<string, MethodHistory>();
  /** Number of declared methods beyond {@link MAX_METHODS}, which are not recorded. */
  omittedMethods = 0;
  private readonly reader: MethodReader;
  /** Whether the previous sample was summed over workers. */
  private isSum = false;

  /** @param time milliseconds of a monotonic clock, which all samples use */
  constructor(
    private readonly runtime: Runtime,
    private readonly capacity: number,
    time: number,
  ) {
    this.reader = new MethodReader(runtime);
    this.timeline = new Timeline(capacity);
    this.process = new ProcessHistory(capacity, time);
  }

  /** Takes a sample of this process, synchronously. */
  sample(time: number): void {
    const reading = this.reader.read();
    let step = reading.next();
    while (step.done !== true) step = reading.next();
    this.record(time, step.value, false);
  }

  /**
   * Takes a sample, summed over the workers if there are any. Yields to the event loop, because there may be many series.
   * Resolves with the milliseconds for which it held the event loop.
   */
  async sampleInSlices(now: () => number): Promise<number> {
    const { runtime, reader } = this;
    const group = peerGroupOf(runtime);
    // Workers that it finds are in the next sample.
    group.discover().catch((error: unknown) => runtime.faults.report('page', error));
    const budget = new TimeBudget();
    const canRead = reader.canRead.bind(reader);
    const sums = group.hasPeers()
      ? (await sumOverWorkers(runtime, PAGE_METRIC_DEADLINE, canRead, budget)).families
      : null;
    const reading = this.reader.read(sums);
    let step = reading.next();
    while (step.done !== true) {
      // oxlint-disable-next-line no-await-in-loop -- yielding is meant to hold the loop
      if (budget.isSpent()) await budget.yield();
      step = reading.next();
    }
    this.record(now(), step.value, sums !== null);
    return budget.total();
  }

  private record(time: number, readings: ReadonlyMap<string, MethodReading>, isSum: boolean): void {
    // When workers join or leave the sum, their previous counts are not increases since the previous sample.
    const isFirst = this.timeline.newest === -1 || isSum !== this.isSum;
    this.isSum = isSum;
    const slot = this.timeline.begin(time);
    this.process.record(time, slot);
    let omitted = 0;
    for (const [key, reading] of readings) {
      let history = this.methods.get(key);
      if (history === undefined && this.methods.size < MAX_METHODS) {
        history = new MethodHistory(this.capacity, reading.service, reading.method);
        this.methods.set(key, history);
      }
      if (history === undefined) omitted++;
      else {
        // A method that is declared after the first sample starts at 0, so all its calls are increases.
        if (isFirst) history.startAt(reading);
        history.record(reading, slot, time);
      }
    }
    this.omittedMethods = omitted;
    // Drops methods that are no longer declared under this name, to make room for others.
    for (const key of this.methods.keys()) if (!readings.has(key)) this.methods.delete(key);
  }

  close(): void {
    this.process.close();
  }
}
