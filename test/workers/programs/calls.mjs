// What the programs beside have in common: a measured handler, and what to do on a message.
import { instrumentHandler } from 'thrift-metrics';

export const handler = instrumentHandler({ add: (a, b) => a + b }, { service: 'Calculator' });

export function obey({ times, hang }) {
  for (let i = 0; i < (times ?? 0); i++) handler.add(i, 1);
  // Its event loop stands still for good, as that of a worker in an endless loop does.
  if (hang === true) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
}
