import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell, HistogramCell } from '../../metrics/cell';
import type { FamilyView, Series } from '../../metrics/family';
import type { Runtime } from '../../runtime/runtime';
import { seriesOf } from './displayed-series';
import { methodKey, MethodReading } from './method-reader';

/** What the labels of a series say about its client and outcome. */
interface ClientFacts {
  readonly key: string;
  readonly service: string;
  readonly client: string;
  readonly isOk: boolean;
  readonly errorKind: string;
  readonly errorType: string;
}

type Add = (reading: MethodReading, cell: Series['cell'], facts: ClientFacts) => void;

/** How the series of each family of clients is added to a reading. */
const READ: Readonly<Record<string, Add>> = {
  [CATALOGUE.clientRequests.name]: (reading, cell) => {
    reading.kinds.add('counted');
    reading.requests += (cell as CounterCell).read();
  },
  [CATALOGUE.clientActive.name]: (reading, cell) => {
    reading.kinds.add('inFlight');
    reading.inFlight += (cell as GaugeCell).read();
  },
  [CATALOGUE.clientOldestActive.name]: (reading, cell) => {
    reading.addOldest((cell as GaugeCell).read());
  },
  [CATALOGUE.clientLatency.name]: (reading, cell, { isOk }) => {
    reading.kinds.add('timed');
    reading.addLatencies(isOk, cell as HistogramCell);
  },
  [CATALOGUE.clientErrors.name]: (reading, cell, { errorKind, errorType }) => {
    reading.addErrors(errorKind, errorType, cell as CounterCell);
  },
};

/** Reads the current values of every Thrift client, summed over its methods and custom labels. */
export class ClientReader {
  /** Cached, because parsing the labels of a series is slow and they never change. */
  private readonly facts = new WeakMap<Series, ClientFacts>();

  constructor(private readonly runtime: Runtime) {}

  /** Whether a metric has values of clients. */
  canRead({ name }: { readonly name: string }): boolean {
    return this.readerOf(name) !== undefined;
  }

  /**
   * Yields after each series, because there may be many.
   *
   * @param sums families summed over this process and its workers, or null to read those of this process
   */
  *read(
    sums: readonly FamilyView[] | null = null,
  ): Generator<void, Map<string, MethodReading>, void> {
    const readings = new Map<string, MethodReading>();
    for (const [family, members] of seriesOf(sums, this.runtime.families)) {
      const add = this.readerOf(family.registeredName);
      if (add === undefined) continue;
      for (const series of members) {
        yield;
        const facts = this.factsOf(series);
        add(readingOf(readings, facts), series.cell, facts);
      }
    }
    return readings;
  }

  private readerOf(registeredName: string): Add | undefined {
    const { prefix } = this.runtime.settings;
    return registeredName.startsWith(prefix)
      ? READ[registeredName.slice(prefix.length)]
      : undefined;
  }

  private factsOf(series: Series): ClientFacts {
    let found = this.facts.get(series);
    if (found === undefined) {
      const { labels } = series;
      const service = labels[LABEL.service] ?? '';
      const client = labels[LABEL.clientName] ?? '';
      found = {
        key: methodKey(service, client),
        service,
        client,
        isOk: labels[LABEL.success] === 'true',
        errorKind: labels[LABEL.exceptionKind] ?? '',
        errorType: labels[LABEL.exceptionType] ?? '',
      };
      this.facts.set(series, found);
    }
    return found;
  }
}

/** The reading of a client: the name of the client takes the place of that of a method. */
function readingOf(
  readings: Map<string, MethodReading>,
  { key, service, client }: ClientFacts,
): MethodReading {
  let reading = readings.get(key);
  if (reading === undefined) {
    readings.set(key, (reading = new MethodReading(service, client)));
    // The counter of errors has no series before the first failure.
    reading.kinds.add('errorsCounted');
  }
  return reading;
}
