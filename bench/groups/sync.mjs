import { Counted, ErrorsCounted, InFlight, Instrumented, Timed } from 'thrift-metrics';

import { ByHandSync } from '../by-hand.mjs';
import { decorate } from '../handlers.mjs';
import { compare, report } from '../measure.mjs';

const hrtime = process.hrtime;
const bare = new (class BareHandler {
  add(a, b) {
    return a + b;
  }
})();
const instrumented = decorate(
  class InstrumentedHandler {
    add(a, b) {
      return a + b;
    }
  },
  [Instrumented],
);
const stack = decorate(
  class StackHandler {
    add(a, b) {
      return a + b;
    }
  },
  [Counted, Timed, ErrorsCounted, InFlight],
);
const byHand = new ByHandSync();
const callback = decorate(
  class CallbackHandler {
    add(a, b, result) {
      result(null, a + b);
    }
  },
  [Instrumented],
);
let n = 0;
let sum = 0;
const take = (_error, value) => {
  sum += value;
};

report(
  await compare({
    bare: () => bare.add(n++, 1),
    clock: () => {
      const start = hrtime();
      const end = hrtime();
      return end[0] - start[0] + (end[1] - start[1]);
    },
    instrumented: () => instrumented.add(n++, 1),
    stack: () => stack.add(n++, 1),
    byHand: () => byHand.add(n++, 1),
    callback: () => callback.add(n++, 1, take),
  }),
);
if (sum === 0) throw new Error('no callback was called');
