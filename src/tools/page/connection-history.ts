import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell } from '../../metrics/cell';
import type { FamilyView } from '../../metrics/family';
import type { Runtime } from '../../runtime/runtime';
import { seriesOf } from './displayed-series';
import { CounterHistory, GaugeHistory, increaseOf } from './sampled-values';

/** Maximum number of transports, and of reasons, that are recorded. */
const MAX_ROWS = 30;

/** The counters of servers, each with the labels that identify its rows. */
const COUNTERS = {
  opened: { entry: CATALOGUE.connections, labels: [LABEL.transport] },
  closed: { entry: CATALOGUE.connectionsClosed, labels: [LABEL.transport, LABEL.reason] },
  protocolErrors: { entry: CATALOGUE.protocolErrors, labels: [LABEL.reason] },
  tlsHandshakeErrors: { entry: CATALOGUE.tlsHandshakeErrors, labels: [] },
  acceptErrors: { entry: CATALOGUE.acceptErrors, labels: [] },
} as const;

type CounterName = keyof typeof COUNTERS;

const COUNTER_NAMES: readonly CounterName[] = Object.keys(COUNTERS) as CounterName[];

interface Counted {
  readonly labels: readonly string[];
  count: number;
}

/** The connections and protocol errors of the servers of a program at one moment. */
export class ConnectionReading {
  /** By counter and labels. */
  readonly counts = new Map<string, Counted & { readonly counter: CounterName }>();
  /** Open connections by transport. */
  readonly open = new Map<string, number>();
}

/** Reads the connections and protocol errors of servers. */
export class ConnectionReader {
  constructor(private readonly runtime: Runtime) {}

  canRead({ name }: { readonly name: string }): boolean {
    return this.counterOf(name) !== undefined || name === this.openName();
  }

  /** @param sums families summed over this process and its workers, or null to read those of this process */
  read(sums: readonly FamilyView[] | null = null): ConnectionReading {
    const reading = new ConnectionReading();
    for (const [{ registeredName }, members] of seriesOf(sums, this.runtime.families)) {
      const counter = this.counterOf(registeredName);
      if (counter === undefined && registeredName !== this.openName()) continue;
      for (const { labels, cell } of members) {
        if (counter === undefined) {
          const transport = labels[LABEL.transport] ?? '';
          const before = reading.open.get(transport) ?? 0;
          reading.open.set(transport, before + (cell as GaugeCell).read());
          continue;
        }
        const values = COUNTERS[counter].labels.map((name) => labels[name] ?? '');
        const key = [counter, ...values].join('\0');
        const found = reading.counts.get(key) ?? { counter, labels: values, count: 0 };
        found.count += (cell as CounterCell).read();
        reading.counts.set(key, found);
      }
    }
    return reading;
  }

  private counterOf(registeredName: string): CounterName | undefined {
    const { prefix } = this.runtime.settings;
    return COUNTER_NAMES.find((name) => prefix + COUNTERS[name].entry.name === registeredName);
  }

  private openName(): string {
    return this.runtime.settings.prefix + CATALOGUE.activeConnections.name;
  }
}

/** One counter at each sample. */
export interface CountedHistory {
  readonly counter: CounterName;
  readonly labels: readonly string[];
  readonly counts: CounterHistory;
  /** When the latest increase was seen: the time of its sample. Null before the first. */
  lastSeen: number | null;
}

/** The connections and protocol errors of the servers of a program at each sample. */
export class ConnectionHistory {
  readonly counted = new Map<string, CountedHistory>();
  readonly open = new Map<string, GaugeHistory>();
  private before = new ConnectionReading();

  constructor(private readonly capacity: number) {}

  /** @param isFirst whether everything that was counted up to this reading is excluded */
  record(now: ConnectionReading, slot: number, time: number, isFirst: boolean): void {
    for (const [key, { counter, labels, count }] of now.counts) {
      let history = this.counted.get(key);
      if (history === undefined && this.counted.size < MAX_ROWS) {
        history = { counter, labels, counts: new CounterHistory(this.capacity), lastSeen: null };
        this.counted.set(key, history);
      }
      if (history === undefined) continue;
      const increase = isFirst ? 0 : increaseOf(count, this.before.counts.get(key)?.count ?? 0);
      history.counts.add(increase, slot);
      if (increase > 0) history.lastSeen = time;
    }
    // A removed series keeps its total.
    for (const [key, { counts }] of this.counted) if (!now.counts.has(key)) counts.add(0, slot);
    for (const transport of now.open.keys()) {
      if (this.open.has(transport) || this.open.size >= MAX_ROWS) continue;
      this.open.set(transport, new GaugeHistory(this.capacity));
    }
    for (const [transport, gauge] of this.open) gauge.set(now.open.get(transport) ?? 0, slot);
    this.before = now;
  }
}
