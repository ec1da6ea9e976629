import { PAGE_METRIC_DEADLINE } from '../../scrape/deadlines';
import type { Runtime } from '../../runtime/runtime';
import { TimeBudget } from '../../scrape/time-budget';
import { peerGroupOf } from '../../scrape/workers/peer-group';
import { sumOverWorkers } from '../../scrape/workers/sum-over-workers';
import type { MetricFilter } from '../../scrape/metric-filter';
import { ClientReader } from './client-reader';
import { MethodHistory } from './method-history';
import { MethodReader, type MethodReading } from './method-reader';
import { ProcessHistory } from './process-history';
import { Timeline } from './timeline';

/** Maximum number of recorded methods. Each takes at most 70 kB with the default buckets. */
export const MAX_METHODS = 200;

/** Maximum number of recorded clients. */
export const MAX_CLIENTS = 50;

type Readings = ReadonlyMap<string, MethodReading>;

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
  /** The Thrift clients of the program, each with the calls of all its methods. */
  readonly clients = new Map<string, MethodHistory>();
  /** Number of clients beyond {@link MAX_CLIENTS}, which are not recorded. */
  omittedClients = 0;
  private readonly reader: MethodReader;
  private readonly clientReader: ClientReader;
  /** Whether the previous sample was summed over workers. */
  private isSum = false;

  /** @param time milliseconds of a monotonic clock, which all samples use */
  constructor(
    private readonly runtime: Runtime,
    private readonly capacity: number,
    time: number,
  ) {
    this.reader = new MethodReader(runtime);
    this.clientReader = new ClientReader(runtime);
    this.timeline = new Timeline(capacity);
    this.process = new ProcessHistory(capacity, time);
  }

  /** Takes a sample of this process, synchronously. */
  sample(time: number): void {
    const methods = finish(this.reader.read());
    this.record(time, methods, finish(this.clientReader.read()), false);
  }

  /**
   * Takes a sample, summed over the workers if there are any. Yields to the event loop, because there may be many series.
   * Resolves with the milliseconds for which it held the event loop.
   */
  async sampleInSlices(now: () => number): Promise<number> {
    const { runtime, reader, clientReader } = this;
    const group = peerGroupOf(runtime);
    // Workers that it finds are in the next sample.
    group.discover().catch((error: unknown) => runtime.faults.report('page', error));
    const budget = new TimeBudget();
    const canRead: MetricFilter = (metric) =>
      reader.canRead(metric) || clientReader.canRead(metric);
    const sums = group.hasPeers()
      ? (await sumOverWorkers(runtime, PAGE_METRIC_DEADLINE, canRead, budget)).families
      : null;
    const methods = await finishInSlices(reader.read(sums), budget);
    const clients = await finishInSlices(clientReader.read(sums), budget);
    this.record(now(), methods, clients, sums !== null);
    return budget.total();
  }

  private record(time: number, methods: Readings, clients: Readings, isSum: boolean): void {
    // When workers join or leave the sum, their previous counts are not increases since the previous sample.
    const isFirst = this.timeline.newest === -1 || isSum !== this.isSum;
    this.isSum = isSum;
    const slot = this.timeline.begin(time);
    this.process.record(time, slot);
    const recordAll = (histories: Map<string, MethodHistory>, readings: Readings, max: number) =>
      this.recordAll(histories, readings, max, slot, time, isFirst);
    this.omittedMethods = recordAll(this.methods, methods, MAX_METHODS);
    this.omittedClients = recordAll(this.clients, clients, MAX_CLIENTS);
  }

  /** Returns the number of readings that are not recorded, because there are too many. */
  private recordAll(
    histories: Map<string, MethodHistory>,
    readings: Readings,
    max: number,
    slot: number,
    time: number,
    isFirst: boolean,
  ): number {
    let omitted = 0;
    for (const [key, reading] of readings) {
      let history = histories.get(key);
      if (history === undefined && histories.size < max) {
        history = new MethodHistory(this.capacity, reading.service, reading.method);
        histories.set(key, history);
      }
      if (history === undefined) omitted++;
      else {
        // What is declared after the first sample starts at 0, so all its calls are increases.
        if (isFirst) history.startAt(reading);
        history.record(reading, slot, time);
      }
    }
    // Drops what is no longer declared under this name, to make room for others.
    for (const key of histories.keys()) if (!readings.has(key)) histories.delete(key);
    return omitted;
  }

  close(): void {
    this.process.close();
  }
}

/** Runs a reading to its end. */
function finish(reading: Generator<void, Readings, void>): Readings {
  let step = reading.next();
  while (step.done !== true) step = reading.next();
  return step.value;
}

async function finishInSlices(
  reading: Generator<void, Readings, void>,
  budget: TimeBudget,
): Promise<Readings> {
  let step = reading.next();
  while (step.done !== true) {
    // oxlint-disable-next-line no-await-in-loop -- yielding is meant to hold the loop
    if (budget.isSpent()) await budget.yield();
    step = reading.next();
  }
  return step.value;
}
