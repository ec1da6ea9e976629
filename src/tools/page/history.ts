import { PAGE_METRIC_DEADLINE } from '../../scrape/deadlines';
import { processEventsOf } from '../../runtime/process-events';
import type { Runtime } from '../../runtime/runtime';
import { TimeBudget } from '../../runtime/time-budget';
import { peerGroupOf } from '../../scrape/workers/peer-group';
import { sumOverWorkers } from '../../scrape/workers/sum-over-workers';
import type { MetricFilter } from '../../scrape/metric-filter';
import { CallerReader } from './caller-reader';
import { ClientReader } from './client-reader';
import { ConnectionHistory, ConnectionReader, type ConnectionReading } from './connection-history';
import { MethodHistory } from './method-history';
import { MethodReader, type MethodReading } from './method-reader';
import { ProcessHistory } from './process-history';
import { Timeline } from './timeline';

/** Maximum number of recorded methods. Each takes at most 70 kB with the default buckets. */
export const MAX_METHODS = 200;

/** Maximum number of recorded callers. */
export const MAX_CALLERS = 50;

/** Maximum number of recorded clients. */
export const MAX_CLIENTS = 50;

type Readings = ReadonlyMap<string, MethodReading>;

interface AllReadings {
  readonly methods: Readings;
  readonly clients: Readings;
  readonly callers: Readings;
  readonly connections: ConnectionReading;
}

/**
 * The latest samples of the declared methods and of the health of the process. Its size is bounded by the number of
 * samples, of methods, and of error types per method.
 */
export class History {
  readonly timeline: Timeline;
  readonly process: ProcessHistory;
  readonly methods = new Map<string, MethodHistory>();
  /** The keys of declared methods beyond {@link MAX_METHODS}, which are not recorded. */
  omittedMethods: ReadonlySet<string> = new Set();
  /** The Thrift clients of the program, each with the calls of all its methods. */
  readonly clients = new Map<string, MethodHistory>();
  /** Number of clients beyond {@link MAX_CLIENTS}, which are not recorded. */
  omittedClients = 0;
  /** The callers of each service. */
  readonly callers = new Map<string, MethodHistory>();
  /** Number of callers beyond {@link MAX_CALLERS}, which are not recorded. */
  omittedCallers = 0;
  readonly connections: ConnectionHistory;
  private readonly connectionReader: ConnectionReader;
  /** The workers at the previous sample. */
  private workers: ReadonlySet<object> = new Set();
  private readonly reader: MethodReader;
  private readonly clientReader: ClientReader;
  private readonly callerReader: CallerReader;
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
    this.callerReader = new CallerReader(runtime);
    this.connectionReader = new ConnectionReader(runtime);
    this.connections = new ConnectionHistory(capacity);
    this.timeline = new Timeline(capacity);
    this.process = new ProcessHistory(capacity, time);
  }

  /** Takes a sample of this process, synchronously. */
  sample(time: number): void {
    const methods = finish(this.reader.read());
    const clients = finish(this.clientReader.read());
    const readings = {
      methods,
      clients,
      callers: finish(this.callerReader.read()),
      connections: this.connectionReader.read(),
    };
    this.record(time, readings, false);
  }

  /**
   * Takes a sample, summed over the workers if there are any. Yields to the event loop, because there may be many series.
   * Resolves with the milliseconds for which it held the event loop.
   */
  async sampleInSlices(now: () => number): Promise<number> {
    const { runtime, reader, clientReader, callerReader, connectionReader } = this;
    const group = peerGroupOf(runtime);
    // Workers that it finds are in the next sample.
    group.discover().catch((error: unknown) => runtime.faults.report('page', error));
    const budget = new TimeBudget();
    const canRead: MetricFilter = (metric) =>
      reader.canRead(metric) ||
      clientReader.canRead(metric) ||
      callerReader.canRead(metric) ||
      connectionReader.canRead(metric);
    const sums = group.hasPeers()
      ? (await sumOverWorkers(runtime, PAGE_METRIC_DEADLINE, canRead, budget)).families
      : null;
    const methods = await finishInSlices(reader.read(sums), budget);
    const clients = await finishInSlices(clientReader.read(sums), budget);
    const callers = await finishInSlices(callerReader.read(sums), budget);
    const connections = connectionReader.read(sums);
    // First, so that the change is in the window that ends with this sample.
    this.recordWorkers(group.live());
    this.record(now(), { methods, clients, callers, connections }, sums !== null);
    return budget.total();
  }

  private record(
    time: number,
    { methods, clients, callers, connections }: AllReadings,
    isSum: boolean,
  ): void {
    // When workers join or leave the sum, their previous counts are not increases since the previous sample.
    const isFirst = this.timeline.newest === -1 || isSum !== this.isSum;
    this.isSum = isSum;
    const slot = this.timeline.begin(time);
    this.connections.record(connections, slot, time, isFirst);
    this.process.record(time, slot);
    const recordAll = (histories: Map<string, MethodHistory>, readings: Readings, max: number) =>
      this.recordAll(histories, readings, max, slot, time, isFirst);
    this.omittedMethods = recordAll(this.methods, methods, MAX_METHODS);
    this.omittedClients = recordAll(this.clients, clients, MAX_CLIENTS).size;
    this.omittedCallers = recordAll(this.callers, callers, MAX_CALLERS).size;
  }

  /** Returns the keys of readings that are not recorded, because there are too many. */
  private recordAll(
    histories: Map<string, MethodHistory>,
    readings: Readings,
    max: number,
    slot: number,
    time: number,
    isFirst: boolean,
  ): Set<string> {
    const omitted = new Set<string>();
    for (const [key, reading] of readings) {
      let history = histories.get(key);
      if (history === undefined && histories.size < max) {
        history = new MethodHistory(
          this.capacity,
          reading.service,
          reading.method,
          this.timeline.newest,
        );
        histories.set(key, history);
      }
      if (history === undefined) omitted.add(key);
      else {
        // What is declared after the first sample starts at 0, so all its calls are increases.
        if (isFirst) history.startAt(reading, this.timeline.newest);
        history.record(reading, slot, time);
      }
    }
    // Drops what is no longer declared under this name, to make room for others.
    for (const key of histories.keys()) if (!readings.has(key)) histories.delete(key);
    return omitted;
  }

  /** Lets charts mark workers that have started or ended since the previous sample. */
  private recordWorkers(live: ReadonlySet<object>): void {
    const { workers } = this;
    this.workers = live;
    const started = [...live].filter((worker) => !workers.has(worker)).length;
    const ended = [...workers].filter((worker) => !live.has(worker)).length;
    const changes = [
      describeWorkers(Math.min(started, ended), 'restarted'),
      describeWorkers(started - ended, 'started'),
      describeWorkers(ended - started, 'ended'),
    ].filter((change) => change !== null);
    if (changes.length === 0) return;
    processEventsOf(this.runtime).record('workers', changes.join(', '));
  }

  close(): void {
    this.reader.close();
    this.clientReader.close();
    this.callerReader.close();
    this.process.close();
  }
}

function describeWorkers(count: number, change: string): string | null {
  if (count <= 0) return null;
  return count === 1 ? `1 worker ${change}` : `${count} workers ${change}`;
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
