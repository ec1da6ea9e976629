import { CATALOGUE, LABEL } from '../../metrics/catalogue';
import type { CounterCell } from '../../metrics/cell';
import type { Runtime } from '../../runtime/runtime';
import { type Named, NamedReader, type SeriesAdders } from './named-reader';

const ADDERS: SeriesAdders<Named> = {
  [CATALOGUE.callerRequests.name]: (reading, cell) => {
    reading.kinds.add('counted');
    reading.requests += (cell as CounterCell).read();
  },
  [CATALOGUE.callerFailedRequests.name]: (reading, cell) => {
    reading.kinds.add('errorsCounted');
    // The metric does not say of which kind a failure was.
    reading.undeclared += (cell as CounterCell).read();
  },
};

/** Reads the current counts of every caller of a service. */
export class CallerReader extends NamedReader<Named> {
  constructor(runtime: Runtime) {
    super(runtime, ADDERS, (labels) => ({
      service: labels[LABEL.service] ?? '',
      name: labels[LABEL.caller] ?? '',
    }));
  }
}
