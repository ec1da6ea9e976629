import { configureMetrics, Instrumented } from 'thrift-metrics';

import { decorate, SyncHandler } from '../handlers.mjs';
import { compare, report } from '../measure.mjs';

const bare = new SyncHandler();
const disabled = decorate(
  class DisabledHandler {
    add(a, b) {
      return a + b;
    }
  },
  [Instrumented],
);
configureMetrics({ enabled: false });
let n = 0;

report(
  await compare({
    bare: () => bare.add(n++, 1),
    disabled: () => disabled.add(n++, 1),
  }),
);
