import * as fc from 'fast-check';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  configureMetrics,
  instrumentHandler,
  type MetricRule,
  renderMetrics,
  resetMetrics,
  ThriftMetricsError,
} from '../../src/index';
import { parseText, type Sample } from '../support/text-format';

// Handlers that all declare one method of one service, each with labels of its own: a label is left out, constant, or a
// function of the call. Where the labels come out alike, the handlers share a series.

const LABELS = ['one', 'two'] as const;
/** By the name of their samples. */
const METRICS = {
  thrift_server_requests_total: 'thrift_server_requests_total',
  thrift_server_active_requests: 'thrift_server_active_requests',
  thrift_server_latency_seconds_count: 'thrift_server_latency_seconds',
  thrift_server_errors_total: 'thrift_server_errors_total',
} as const;
type Sampled = keyof typeof METRICS;
const SAMPLED = Object.keys(METRICS) as Sampled[];

// Few values, so that series meet.
const value = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('a', '\ud800', '\udfff') },
  { weight: 1, arbitrary: fc.constantFrom('', '\ufffd', '_other', '__proto__', '"') },
);
const values = fc.tuple(value, value);
const label = fc.oneof(
  { weight: 3, arbitrary: fc.record({ constant: value }) },
  { weight: 3, arbitrary: fc.constant('call' as const) },
  { weight: 1, arbitrary: fc.constant(null) },
);
const declare = fc.record({
  type: fc.constant('declare' as const),
  one: label,
  two: fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: label }),
  isReversed: fc.boolean(),
  hasOwnBuckets: fc.boolean(),
});
const step = fc.oneof(
  { weight: 3, arbitrary: declare },
  {
    weight: 10,
    arbitrary: fc.record({ type: fc.constant('begin' as const), handler: fc.nat(), values }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constant('end' as const),
      call: fc.nat(),
      values,
      error: fc.constantFrom(null, 'Error', 'RangeError'),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'reset' as const }) },
  {
    weight: 3,
    arbitrary: fc.record({
      type: fc.constant('exclude' as const),
      metrics: fc.oneof(
        fc.subarray(SAMPLED, { maxLength: 0 }),
        fc.subarray(SAMPLED),
        fc.constant('all' as const),
      ),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ type: 'read' as const }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type StepOf<K extends Step['type']> = Extract<Step, { type: K }>;

let round = 0;

beforeAll(() => configureMetrics({ registry: new Registry(), onError: () => {} }));
afterAll(() => configureMetrics({ rules: [] }));

interface Pending {
  /** The label functions read them when the call begins, and again when it ends. */
  values: readonly string[];
  settle(error: string | null): Promise<void>;
}

interface Handler {
  ask(call: { values: readonly string[] }, ended: Promise<void>): Promise<void>;
}

/** Declares the method once more. Null if the series exist with other buckets. */
function instrument(declared: StepOf<'declare'>, service: string): Handler | null {
  const labels = LABELS.flatMap((name, i) => {
    const how = declared[name];
    if (how === null) return [];
    const ofCall = ({ args }: { args: readonly unknown[] }): string | undefined =>
      (args[0] as Pending).values[i];
    return [[name, how === 'call' ? ofCall : how.constant] as const];
  });
  if (declared.isReversed) labels.reverse();
  const handler: Handler = { ask: async (_call, ended) => ended };
  const timed = declared.hasOwnBuckets ? { buckets: [1] } : {};
  try {
    return instrumentHandler(handler, {
      service,
      labels: Object.fromEntries(labels) as never,
      timed,
    });
  } catch (error) {
    expect((error as ThriftMetricsError).code).toBe('TM_ERR_SERIES_CONFLICT');
    return null;
  }
}

function begin(handler: Handler, given: readonly string[]): Pending {
  let settle: (error: string | null) => void = () => {};
  const ended = new Promise<void>((resolve, reject) => {
    settle = (error) => {
      if (error === null) resolve();
      else reject(error === 'Error' ? new Error('meant to fail') : new RangeError('meant to fail'));
    };
  });
  const call: Pending = {
    values: given,
    async settle(error) {
      settle(error);
      await done;
    },
  };
  const done = handler.ask(call, ended).catch(() => {});
  return call;
}

/** What the series of the service should be. */
class Model {
  private readonly counts = new Map<string, number>();
  private readonly starts = new Map<Sampled, number>();
  excluded: readonly Sampled[] = [];
  isOff = false;

  add(sampled: Sampled, labels: Readonly<Record<string, string>>, amount: number): void {
    if (this.excluded.includes(sampled)) return;
    const key = keyOf(sampled, Object.entries(labels));
    this.counts.set(key, (this.counts.get(key) ?? 0) + amount);
  }

  /** How often the metric has started at 0, or null while it is excluded. */
  generationOf(sampled: Sampled): number | null {
    return this.excluded.includes(sampled) ? null : (this.starts.get(sampled) ?? 0);
  }

  exclude(metrics: readonly Sampled[] | 'all'): void {
    const before = this.excluded;
    this.isOff = metrics === 'all';
    this.excluded = metrics === 'all' ? SAMPLED : metrics;
    this.reset(before.filter((sampled) => !this.excluded.includes(sampled)));
  }

  reset(metrics: readonly Sampled[] = SAMPLED): void {
    for (const sampled of metrics) {
      this.starts.set(sampled, (this.starts.get(sampled) ?? 0) + 1);
      for (const key of this.counts.keys()) if (sampledOf(key) === sampled) this.counts.set(key, 0);
    }
  }

  shown(): Map<string, number> {
    return new Map([...this.counts].filter(([key]) => !this.excluded.includes(sampledOf(key))));
  }
}

function keyOf(sampled: string, labels: Iterable<readonly [string, string]>): string {
  const present = [...labels]
    .filter(([, text]) => text !== '')
    .map(([name, text]) => [name, text.toWellFormed()] as const);
  return JSON.stringify([sampled, ...present.toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

function sampledOf(key: string): Sampled {
  return (JSON.parse(key) as [Sampled])[0];
}

interface ModeledCall {
  readonly declared: StepOf<'declare'>;
  readonly pending: Pending;
  readonly inFlight: Readonly<Record<string, string>>;
  readonly generation: number | null;
  readonly isRecorded: boolean;
}

/** A program, and the model of its series. */
class Program {
  readonly model = new Model();
  private readonly service = `Again${round++}`;
  private readonly handlers: { handler: Handler; declared: StepOf<'declare'> }[] = [];
  private readonly calls: ModeledCall[] = [];

  constructor(private readonly limits: readonly MetricRule[]) {
    configureMetrics({ rules: limits });
  }

  async run(each: Step): Promise<void> {
    const { model, service } = this;
    if (each.type === 'declare') {
      const handler = instrument(each, service);
      if (handler !== null) this.handlers.push({ handler, declared: each });
    } else if (each.type === 'begin') this.begin(each);
    else if (each.type === 'end') {
      const [call] = this.calls.splice(each.call % Math.max(1, this.calls.length), 1);
      if (call !== undefined) await this.end(call, each.values, each.error);
    } else if (each.type === 'reset') {
      resetMetrics();
      model.reset();
    } else if (each.type === 'exclude') {
      const metrics = each.metrics === 'all' ? ['*'] : each.metrics.map((name) => METRICS[name]);
      const rules = metrics.map((metric) => ({ match: { service, metric }, exclude: true }));
      configureMetrics({ rules: [...rules, ...this.limits] });
      model.exclude(each.metrics);
    } else await this.compare();
  }

  private begin({ handler: at, values: given }: StepOf<'begin'>): void {
    const { model } = this;
    const { handler, declared } = this.handlers[at % this.handlers.length]!;
    const inFlight = labelsOf(declared, given);
    const generation = model.generationOf('thrift_server_active_requests');
    const isRecorded = !model.isOff;
    this.calls.push({ declared, inFlight, generation, isRecorded, pending: begin(handler, given) });
    model.add('thrift_server_requests_total', inFlight, 1);
    model.add('thrift_server_active_requests', inFlight, 1);
  }

  private async end(call: ModeledCall, given: readonly string[], error: string | null) {
    const { model } = this;
    call.pending.values = given;
    await call.pending.settle(error);
    if (!call.isRecorded) return;
    if (call.generation === model.generationOf('thrift_server_active_requests'))
      model.add('thrift_server_active_requests', call.inFlight, -1);
    const labels = labelsOf(call.declared, given);
    const thrift_success = String(error === null);
    model.add('thrift_server_latency_seconds_count', { ...labels, thrift_success }, 1);
    if (error === null) return;
    const failure = { thrift_exception_kind: 'undeclared', thrift_exception_type: error };
    model.add('thrift_server_errors_total', { ...labels, ...failure }, 1);
  }

  /** Compares what a scrape shows with the model: each series, or, with a limit, the sum of each metric. */
  async compare(): Promise<void> {
    const expected = this.model.shown();
    const found = new Map<string, number>();
    for (const { name, labels, value: count } of await readAll()) {
      if (!SAMPLED.includes(name as Sampled) || labels.get('thrift_service') !== this.service)
        continue;
      const key = keyOf(
        name,
        [...labels].filter(([each]) => each !== 'thrift_service'),
      );
      if (found.has(key)) throw new Error(`shown twice: ${key}`);
      // Declarations create series at 0.
      if (count !== 0 || expected.has(key)) found.set(key, count);
    }
    if (this.limits.length === 0) expect(sorted(found)).toEqual(sorted(expected));
    else expect(sums(found)).toEqual(sums(expected));
  }
}

async function readAll(): Promise<Sample[]> {
  const { body } = await renderMetrics();
  return body.length === 0 ? [] : parseText(body.toString());
}

function labelsOf(declared: StepOf<'declare'>, given: readonly string[]): Record<string, string> {
  const labels: Record<string, string> = { thrift_method: 'ask' };
  LABELS.forEach((name, i) => {
    const how = declared[name];
    if (how !== null) labels[name] = how === 'call' ? (given[i] as string) : how.constant;
  });
  return labels;
}

function sorted(counts: Map<string, number>): [string, number][] {
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1));
}

function sums(counts: Map<string, number>): Record<string, number> {
  const sum: Record<string, number> = Object.fromEntries(SAMPLED.map((name) => [name, 0]));
  for (const [key, count] of counts) sum[sampledOf(key)]! += count;
  return sum;
}

/** Allows each metric only some more series than it has. */
async function limitTo(spare: number): Promise<MetricRule[]> {
  configureMetrics({ rules: [] });
  const samples = await readAll();
  return SAMPLED.map((sampled) => {
    const size = samples.filter(({ name }) => name === sampled).length;
    return { match: { metric: METRICS[sampled] }, maxSeries: size + spare };
  });
}

async function check(program: Program, steps: readonly Step[]): Promise<void> {
  for (const each of steps) await program.run(each);
  await program.compare();
}

const first = declare.map((declared) => ({ ...declared, hasOwnBuckets: false }));
const steps = fc.array(step, { maxLength: 40 });

test('handlers that declare one method with any labels record each call once, in the series with its labels', async () => {
  await fc.assert(
    fc.asyncProperty(first, steps, async (declared, others) => {
      await check(new Program([]), [declared, ...others]);
    }),
    { numRuns: 100 },
  );
});

test('beyond the series limit, no call is lost and none is recorded twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      first,
      steps,
      fc.integer({ min: 1, max: 8 }),
      async (declared, others, spare) => {
        await check(new Program(await limitTo(spare)), [declared, ...others]);
      },
    ),
    { numRuns: 40 },
  );
});
