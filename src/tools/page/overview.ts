import { defaultLabelsOf } from '../../runtime/metrics-registry';
import type { Runtime } from '../../runtime/runtime';
import { peerGroupOf } from '../../scrape/workers/peer-group';
import type { Course, MethodRow, Overview, ProcessHealth } from './browser/protocol';
import {
  callsIn,
  countIn,
  endedIn,
  failedIn,
  latencyIn,
  perSecond,
  ratio,
  summaryQuantile,
} from './figures';
import type { History } from './history';
import type { GaugeHistory, MethodHistory } from './method-history';
import { describeSpan, stepsOf, type Window } from './timeline';

/** As many as a sparkline shows. */
const MOST_STEPS = 30;

/** What the page's table shows, and what stands above it. */
export function createOverview(
  runtime: Runtime,
  history: History,
  window: Window,
  beganAt: number,
): Overview {
  const steps = stepsOf(window, MOST_STEPS);
  return {
    ...describeSpan(window, beganAt),
    process: describeProcess(runtime, history, steps),
    defaultLabels: { ...defaultLabelsOf(runtime.registry.current()) },
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

function describeProcess(
  runtime: Runtime,
  { process: health }: History,
  steps: readonly Window[],
): ProcessHealth {
  return {
    pid: process.pid,
    node: process.version,
    uptime: process.uptime(),
    hasWorkers: peerGroupOf(runtime).any(),
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
