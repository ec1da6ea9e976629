// Calls measured methods that take different shares of the CPU, while a real CPU profile is taken. Prints the shares of the
// profile and those of the metrics, as JSON.
import { Session, type Profiler } from 'node:inspector';
import { setFlagsFromString } from 'node:v8';

import { Registry } from 'prom-client';

import { configureMetrics, Instrumented, instrumentHandler } from '../../../src/index';

// A profile does not show every function that is inlined into another one.
setFlagsFromString('--no-turbo-inlining');

type Callback = (error: null, result: number) => void;

/** A fixed amount of work, which no other function shares. `Math.imul` keeps V8 from folding it. */
function work(rounds: number, seed: number): number {
  let state = seed | 1;
  for (let i = 0; i < rounds * 5000; i++) state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + i;
  return state;
}

@Instrumented({ service: 'Burn' })
class BurnHandler {
  burnPlain(seed: number): number {
    return work(40, seed);
  }

  async burnAsync(seed: number): Promise<number> {
    const first = work(20, seed);
    await Promise.resolve();
    return first;
  }

  burnCallback(seed: number, answer: Callback): void {
    const result = work(10, seed);
    setImmediate(() => answer(null, result));
  }

  burnOuter(seed: number): number {
    return work(15, seed) ^ this.burnInner(seed);
  }

  burnInner(seed: number): number {
    return work(25, seed);
  }
}

const METHODS = [
  'burnPlain',
  'burnAsync',
  'burnCallback',
  'burnOuter',
  'burnInner',
  'burnFacade',
] as const;

const CALLS = 1200;

const registry = new Registry();
configureMetrics({ registry });
const handler = new BurnHandler();
const facade = instrumentHandler(
  {
    async burnFacade(seed: number): Promise<number> {
      return work(30, seed);
    },
  },
  { service: 'Burn', labels: { parity: ({ args }) => String(args[0] % 2) } },
);

async function callAll(calls: number): Promise<void> {
  for (let i = 0; i < calls; i++) {
    handler.burnPlain(i);
    handler.burnOuter(i);
    await Promise.all([handler.burnAsync(i), facade.burnFacade(i)]);
    await new Promise<void>((resolve) => handler.burnCallback(i, () => resolve()));
  }
}

/** Seconds by method, with work inside another measured method counted for the inner one only. */
function secondsByMethod({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile) {
  const parents = new Map<number, number>();
  const names = new Map<number, string>();
  for (const { id, callFrame, children = [] } of nodes) {
    names.set(id, callFrame.functionName);
    for (const child of children) parents.set(child, id);
  }
  const known = new Set<string>(METHODS);
  const seconds: Record<string, number> = Object.fromEntries(METHODS.map((name) => [name, 0]));
  samples.forEach((sample, i) => {
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const name = names.get(id) as string;
      if (!known.has(name)) continue;
      // The time before the sample: when a process that had to wait for the CPU goes on, it is sampled at once.
      seconds[name] = (seconds[name] as number) + (timeDeltas[i] ?? 0) / 1e6;
      return;
    }
  });
  return seconds;
}

async function heldByMethod() {
  const metric = registry.getSingleMetric('thrift_server_event_loop_seconds_total');
  if (metric === undefined) throw new Error('the metric is not registered');
  const { values } = (await metric.get()) as unknown as {
    values: { labels: Record<string, string>; value: number }[];
  };
  return Object.fromEntries(values.map(({ labels, value }) => [labels['thrift_method'], value]));
}

async function main(): Promise<void> {
  await callAll(50);
  const session = new Session();
  session.connect();
  const post = (method: string, params: object = {}): Promise<unknown> =>
    new Promise((resolve, reject) =>
      session.post(method, params, (error, result) =>
        error === null ? resolve(result) : reject(error),
      ),
    );
  await post('Profiler.enable');
  await post('Profiler.setSamplingInterval', { interval: 500 });
  await post('Profiler.start');
  const before = await heldByMethod();
  const begin = process.hrtime();
  await callAll(CALLS);
  const [seconds, nanoseconds] = process.hrtime(begin);
  const after = await heldByMethod();
  const { profile } = (await post('Profiler.stop')) as { profile: Profiler.Profile };
  const held = Object.fromEntries(
    METHODS.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]),
  );
  console.log(
    JSON.stringify({
      profiled: secondsByMethod(profile),
      held,
      elapsed: seconds + nanoseconds / 1e9,
    }),
  );
}

void main();
