import { measure } from 'mitata';

/** Set by `--quick`: a run that only shows that everything works. Its figures mean nothing. */
export const isQuick = process.env.BENCH_QUICK === 'true';

const ROUNDS = isQuick ? 1 : 9;
const CPU_TIME = isQuick ? 5e6 : 120e6;

/**
 * Measures nanoseconds per call of each function: the median over rounds in which all of them take turns, so that a slow
 * phase of the machine affects all alike.
 */
export async function compare(functions) {
  const rounds = Object.fromEntries(Object.keys(functions).map((name) => [name, []]));
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(functions)) {
      const { p50 } = await measure(run, { min_cpu_time: CPU_TIME, warmup_samples: 5 });
      rounds[name].push(p50);
    }
  }
  return Object.fromEntries(Object.entries(rounds).map(([name, values]) => [name, median(values)]));
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

/** Takes the median of each figure over several results with the same figures. */
export function medians(results) {
  const keys = Object.keys(results[0]);
  return Object.fromEntries(keys.map((key) => [key, median(results.map((each) => each[key]))]));
}

/** Makes concurrent calls, because awaiting each one separately would mostly measure the harness. */
export const CALLS = 100;

export const many = (call) => async () => {
  const calls = [];
  for (let i = 0; i < CALLS; i++) calls.push(call());
  await Promise.all(calls);
};

/** Measures the bytes that one call of `run` leaves on the heap for the garbage collector. */
export function bytesPerCall(run, calls) {
  // A batch fits in the young generation, so that no collection runs while its bytes are counted.
  const batch = 20_000;
  for (let i = 0; i < batch * 20; i++) run(i);
  const samples = [];
  for (let done = 0; done < calls; done += batch) {
    globalThis.gc();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < batch; i++) run(i);
    samples.push((process.memoryUsage().heapUsed - before) / batch);
  }
  return median(samples);
}

/** Passes the result of a group to the process that started it. */
export function report(result) {
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
