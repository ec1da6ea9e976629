import { Counted, ErrorsCounted, InFlight, Instrumented, Timed } from 'thrift-metrics';

import { ByHandAsync } from '../by-hand.mjs';
import { AsyncHandler, decorate } from '../handlers.mjs';
import { CALLS, compare, many, report } from '../measure.mjs';

const hrtime = process.hrtime;
const bare = new AsyncHandler();
const instrumented = decorate(
  class InstrumentedHandler {
    async add(a, b) {
      return a + b;
    }
  },
  [Instrumented],
);
const stack = decorate(
  class StackHandler {
    async add(a, b) {
      return a + b;
    }
  },
  [Counted, Timed, ErrorsCounted, InFlight],
);
const OPERATIONS = ['ADD', 'SUBTRACT', 'MULTIPLY', 'DIVIDE'];
const labelled = decorate(
  class LabelledHandler {
    async add(a, b) {
      return a + b;
    }
  },
  [Instrumented({ labels: { op: (call) => OPERATIONS[call.args[1]] } })],
);
const byHand = new ByHandAsync();
// Not an async function, so the wrapper cannot know whether the promise is new.
const bareReturning = { add: (a, b) => Promise.resolve(a + b) };
const returning = decorate(
  class ReturningHandler {
    add(a, b) {
      return Promise.resolve(a + b);
    }
  },
  [Instrumented],
);
let n = 0;
let sum = 0;

/** The minimum that any observer of an async method has to do: two clock readings and one reaction. */
function observe(promise) {
  const start = hrtime();
  return promise.then(
    (value) => {
      const end = hrtime();
      sum += end[0] - start[0] + (end[1] - start[1]) / 1e9;
      return value;
    },
    (error) => {
      const end = hrtime();
      sum += end[0] - start[0] + (end[1] - start[1]) / 1e9;
      throw error;
    },
  );
}

const times = await compare({
  bare: many(() => bare.add(n++, 1)),
  observed: many(() => observe(bare.add(n++, 1))),
  instrumented: many(() => instrumented.add(n++, 1)),
  stack: many(() => stack.add(n++, 1)),
  labelled: many(() => labelled.add(n++, n & 3)),
  byHand: many(() => byHand.add(n++, 1)),
  observedReturning: many(() => observe(bareReturning.add(n++, 1))),
  returning: many(() => returning.add(n++, 1)),
});
if (sum < 0) throw new Error('the clock ran backwards');
report(Object.fromEntries(Object.entries(times).map(([name, time]) => [name, time / CALLS])));
