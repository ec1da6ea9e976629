// node calls.mjs <compiled bare code> <compiled user code>: reports nanoseconds per call of `add`, of the bare handler and of
// two clock readings, and the bytes that a call leaves on the heap beyond those of the bare one.
import { CALLS, compare, isQuick, many, median, report } from '../../../bench/measure.mjs';

const [, , bareCode, userCode] = process.argv;
const { CalculatorHandler: BareHandler } = await import(bareCode);
const { CalculatorHandler } = await import(userCode);
const hrtime = process.hrtime;
const bare = new BareHandler();
const measured = new CalculatorHandler();
let n = 0;

const BATCH = 2000;
const BATCHES = isQuick ? 3 : 200;

/** Measures the bytes that `call` and its promise leave on the heap before any garbage collection. */
async function bytesOf(call) {
  const samples = [];
  for (let i = 0; i < BATCHES; i++) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    for (let j = 0; j < BATCH; j++) await call();
    samples.push((process.memoryUsage().heapUsed - before) / BATCH);
  }
  return median(samples);
}

const times = await compare({
  clock: () => {
    const start = hrtime();
    const end = hrtime();
    return end[0] - start[0] + (end[1] - start[1]);
  },
  bare: many(() => bare.add(n++, 1)),
  measured: many(() => measured.add(n++, 1)),
});
const bytes = {
  bare: await bytesOf(() => bare.add(n++, 1)),
  measured: await bytesOf(() => measured.add(n++, 1)),
};
report({
  clock: times.clock,
  bare: times.bare / CALLS,
  measured: times.measured / CALLS,
  bytes: bytes.measured - bytes.bare,
});
process.exit();
