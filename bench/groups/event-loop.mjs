import { configureMetrics, Instrumented } from 'thrift-metrics';

import { CALLS, compare, many, report } from '../measure.mjs';

/** Two classes with the same methods, so that the rules of the second do not concern the first. */
const [recorded, excluded] = ['Recorded', 'Excluded'].map((service) => {
  class Handler {
    add(a, b) {
      return a + b;
    }

    async addLater(a, b) {
      return a + b;
    }

    addBack(a, b, result) {
      result(null, a + b);
    }
  }
  Instrumented({ service })(Handler);
  return new Handler();
});
configureMetrics({
  rules: [{ match: { service: 'Excluded', metric: 'thrift_server_event_loop_*' }, exclude: true }],
});
const hrtime = process.hrtime;
let n = 0;
let sum = 0;
const take = (_error, value) => {
  sum += value;
};

const times = await compare({
  recordedAsync: many(() => recorded.addLater(n++, 1)),
  excludedAsync: many(() => excluded.addLater(n++, 1)),
  clock: many(() => hrtime()),
  recordedSync: many(() => recorded.add(n++, 1)),
  excludedSync: many(() => excluded.add(n++, 1)),
  recordedCallback: many(() => recorded.addBack(n++, 1, take)),
  excludedCallback: many(() => excluded.addBack(n++, 1, take)),
});
if (sum === 0) throw new Error('no callback was called');
report(Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time / CALLS])));
