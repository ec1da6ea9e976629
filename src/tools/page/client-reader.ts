import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type { CounterCell, GaugeCell } from '../../metrics/cell';
import type { HistogramCell } from '../../metrics/histogram-cell';
import type { Runtime } from '../../runtime/runtime';
import { type Named, NamedReader, type SeriesAdders } from './named-reader';

/** What the labels of a series say about its client and outcome. */
interface ClientFacts extends Named {
  readonly isOk: boolean;
  readonly errorKind: string;
  readonly errorType: string;
}

const ADDERS: SeriesAdders<ClientFacts> = {
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
export class ClientReader extends NamedReader<ClientFacts> {
  constructor(runtime: Runtime) {
    super(
      runtime,
      ADDERS,
      (labels) => ({
        service: labels[LABEL.service] ?? '',
        name: labels[LABEL.clientName] ?? '',
        isOk: labels[LABEL.success] === 'true',
        errorKind: labels[LABEL.exceptionKind] ?? '',
        errorType: labels[LABEL.exceptionType] ?? '',
      }),
      // The counter of errors has no series before the first failure.
      (reading) => reading.kinds.add('errorsCounted'),
    );
  }
}
