import type { DeclaredObjective } from '../../declaration/objective';
import { currentRegistry, defaultLabelsOf } from '../../runtime/registry';
import { peers } from '../../scrape/workers/peer-group';
import { percentOf } from '../../slo/burn-rates';
import type { Budget, Course, MethodRow, Overview, ProcessHealth } from './browser/protocol';
import type { History } from './history';
import {
  callsIn,
  countIn,
  endedIn,
  failedIn,
  latencyIn,
  perSecond,
  ratio,
  summaryQuantile,
} from './method-detail';
import type { CounterHistory, GaugeHistory, MethodHistory } from './method-history';
import { describeSpan, stepsOf, type Window } from './timeline';

/** As many as a sparkline shows. */
const MOST_STEPS = 30;

/** What the page's table shows, and what stands above it. */
export function createOverview(history: History, window: Window, beganAt: number): Overview {
  const steps = stepsOf(window, MOST_STEPS);
  return {
    ...describeSpan(window, beganAt),
    process: describeProcess(history, steps),
    defaultLabels: { ...defaultLabelsOf(currentRegistry()) },
    methods: [...history.methods.values()].map((method) => describeMethod(method, window, steps)),
    methodsLeftOut: history.methodsLeftOut,
  };
}

function describeMethod(
  history: MethodHistory,
  window: Window,
  steps: readonly Window[],
): MethodRow {
  const { service, method, kinds, summaries, bounds } = history;
  const errorRatioIn = (span: Window): number | null =>
    ratio(failedIn(history, span), endedIn(history, span));
  const rateIn = (span: Window): number | null => {
    const calls = callsIn(history, span);
    return calls === null ? null : perSecond(calls, span);
  };
  const percentile = (q: number): number | null =>
    latencyIn(history, window, q) ?? summaryQuantile(summaries, q);
  return {
    service,
    method,
    rate: rateIn(window),
    errorRatio: errorRatioIn(window),
    undeclaredRatio: kinds.has('errorsCounted')
      ? ratio(countIn(history.undeclared, window), endedIn(history, window))
      : errorRatioIn(window),
    p50: percentile(0.5),
    p95: percentile(0.95),
    p99: percentile(0.99),
    highestBound: bounds?.at(-1) ?? null,
    inFlight: kinds.has('inFlight') ? history.inFlight.at(window.timeline.slot(window.to)) : null,
    rates: steps.map(rateIn),
    inFlights: lastOf(history.inFlight, steps),
    errorRatios: steps.map(errorRatioIn),
    p99s: steps.map((step) => latencyIn(history, step, 0.99)),
  };
}

function describeProcess({ process: health }: History, steps: readonly Window[]): ProcessHealth {
  return {
    pid: process.pid,
    node: process.version,
    uptime: process.uptime(),
    hasWorkers: peers.any(),
    loopDelay: steps.map((step) => Math.max(...valuesIn(health.loopDelay, step))),
    cpu: steps.map((step) => mean(valuesIn(health.cpu, step))),
    heapUsed: lastOf(health.heapUsed, steps),
    heapLimit: health.heapLimit,
  };
}

/** The values of a gauge at the samples of a step. */
function valuesIn(gauge: GaugeHistory, { timeline, from, to }: Window): number[] {
  const length = to - from;
  return Array.from({ length }, (_, i) => gauge.at(timeline.slot(from + 1 + i)));
}

function lastOf(gauge: GaugeHistory, steps: readonly Window[]): Course {
  return steps.map(({ timeline, to }) => gauge.at(timeline.slot(to)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Reads a counter over one span of time. */
type Count = (counter: CounterHistory) => number;

/** A promise about a share of calls, and how to count those that break it. */
interface Promised {
  readonly promise: string;
  /** The share of calls that may break it. */
  readonly allowed: number;
  readonly unknown: string | null;
  readonly bad: (count: Count) => number;
  readonly all: (count: Count) => number;
}

/** What is left of each budget of an objective: over the window shown, over all that is held, and since the begin. */
export function createBudgets(
  history: MethodHistory,
  objective: DeclaredObjective,
  window: Window,
): Budget[] {
  const { timeline } = window;
  const held = { timeline, from: timeline.oldest, to: window.to };
  const spans: Count[] = [
    (counter) => countIn(counter, window),
    (counter) => countIn(counter, held),
    ({ total }) => total,
  ];
  return promisesOf(history, objective).map((promised) => {
    const [inWindow, heldLeft, sinceBegin] = spans.map((count) =>
      promised.unknown === null ? left(promised, count) : null,
    ) as [number | null, number | null, number | null];
    const { promise, unknown } = promised;
    return { promise, unknown, inWindow, held: heldLeft, sinceBegin };
  });
}

function left({ allowed, bad, all }: Promised, count: Count): number | null {
  const calls = all(count);
  return calls === 0 ? null : 1 - bad(count) / calls / allowed;
}

function promisesOf(history: MethodHistory, objective: DeclaredObjective): Promised[] {
  const { availability, latency } = objective;
  const promises: Promised[] = [];
  if (availability !== undefined) promises.push(availabilityOf(history, objective, availability));
  if (latency !== undefined) promises.push(latencyOf(history, latency));
  return promises;
}

function availabilityOf(
  history: MethodHistory,
  { declaredExceptionsAreErrors }: DeclaredObjective,
  availability: number,
): Promised {
  const { kinds } = history;
  const isTimed = kinds.has('timed');
  const hasKinds = kinds.has('errorsCounted');
  const canTell = hasKinds
    ? isTimed || kinds.has('counted')
    : isTimed && declaredExceptionsAreErrors;
  const exceptions = declaredExceptionsAreErrors ? '' : ' with an undeclared error';
  return {
    promise: `${percentOf(availability)} % of calls do not fail${exceptions}`,
    allowed: 1 - availability,
    unknown: canTell ? null : 'the method counts no errors by kind, or no calls',
    bad: (count) => {
      if (!hasKinds) return count(history.failed);
      return (
        count(history.undeclared) + (declaredExceptionsAreErrors ? count(history.declared) : 0)
      );
    },
    all: (count) => (isTimed ? count(history.ok) + count(history.failed) : count(history.requests)),
  };
}

function latencyOf(
  { bounds, buckets }: MethodHistory,
  { target, within }: { readonly target: number; readonly within: number },
): Promised {
  const last = bounds?.indexOf(within) ?? -1;
  const sum = (counters: readonly CounterHistory[], count: Count): number =>
    counters.reduce((total, counter) => total + count(counter), 0);
  return {
    promise: `${percentOf(target)} % of calls settle within ${within} s`,
    allowed: 1 - target,
    unknown: last === -1 ? 'the method has no histogram with that bucket' : null,
    bad: (count) => sum(buckets.slice(last + 1), count),
    all: (count) => sum(buckets, count),
  };
}
