import { Instrumented } from 'thrift-metrics';

import { decorate } from '../handlers.mjs';
import { compare, report } from '../measure.mjs';

const OPERATIONS = ['ADD', 'SUBTRACT', 'MULTIPLY', 'DIVIDE'];
const constant = decorate(
  class ConstantHandler {
    add(a, b) {
      return a + b;
    }
  },
  [Instrumented({ labels: { op: 'ADD' } })],
);
const variable = decorate(
  class VariableHandler {
    add(a, b) {
      return a + b;
    }
  },
  [Instrumented({ labels: { op: (call) => OPERATIONS[call.args[1]] } })],
);
const counted = decorate(
  class CountedHandler {
    add(a, b) {
      return a + b;
    }
  },
  [Instrumented({ counted: { labels: { op: (call) => OPERATIONS[call.args[1]] } } })],
);
let n = 0;

report(
  await compare({
    constant: () => constant.add(n++, n & 3),
    counted: () => counted.add(n++, n & 3),
    variable: () => variable.add(n++, n & 3),
  }),
);
