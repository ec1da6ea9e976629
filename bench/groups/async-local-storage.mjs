// Measures what AsyncLocalStorage costs on the Node.js that runs this program: an `await` before anything uses it, an `await`
// in a context, and `run`.
import { AsyncLocalStorage } from 'node:async_hooks';

import { isQuick, median, report } from '../measure.mjs';

const ROUNDS = isQuick ? 3 : 31;
const CALLS = isQuick ? 10_000 : 200_000;

const storage = new AsyncLocalStorage();

async function nothing() {}

async function awaitMany() {
  for (let i = 0; i < CALLS; i++) await nothing();
}

function runMany() {
  let sum = 0;
  for (let i = 0; i < CALLS; i++) sum += storage.run(i, () => storage.getStore());
  if (sum === 0) throw new Error('no context was entered');
}

/** Measures nanoseconds per call: the median over rounds, after two that warm up the compiler. */
async function measure(run) {
  const times = [];
  for (let round = -2; round < ROUNDS; round++) {
    const start = performance.now();
    await run();
    if (round >= 0) times.push(((performance.now() - start) * 1e6) / CALLS);
  }
  return median(times);
}

const before = await measure(awaitMany);
const within = await measure(() => storage.run({}, awaitMany));
const outside = await measure(awaitMany);
const run = await measure(async () => runMany());
report({ version: process.version, before, within, outside, run });
