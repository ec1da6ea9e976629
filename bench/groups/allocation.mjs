import { Instrumented } from 'thrift-metrics';

import { decorate } from '../handlers.mjs';
import { bytesPerCall, isQuick, report } from '../measure.mjs';

const CALLS = isQuick ? 100_000 : 10_000_000;
const hrtime = process.hrtime;
const instrumented = decorate(
  class InstrumentedHandler {
    add(a, b) {
      return a + b;
    }
  },
  [Instrumented],
);
let sum = 0;

report({
  clock: bytesPerCall(() => {
    const start = hrtime();
    const end = hrtime();
    sum += end[0] - start[0] + (end[1] - start[1]) / 1e9;
  }, CALLS),
  instrumented: bytesPerCall((i) => {
    sum += instrumented.add(i & 1, 1);
  }, CALLS),
  sum: Math.sign(sum),
});
