import { defaultLabelsOf } from '../../runtime/metrics-registry';
import type { Runtime } from '../../runtime/runtime';
import { peerGroupOf } from '../../scrape/workers/peer-group';
import type { MethodRow, Overview, ProcessHealth, Trend } from './browser/protocol';
import { badIn, callsIn, failedIn, latencyIn, perSecond, ratio, summaryQuantile } from './figures';
import type { History } from './history';
import type { MethodHistory } from './method-history';
import type { GaugeHistory } from './sampled-values';
import { describeSpan, stepsOf, type Window } from './timeline';

/** Maximum number of points in a sparkline. */
const MAX_STEPS = 30;

/** Describes all methods and the process, as the page shows them in its table and above. */
export function createOverview(
  runtime: Runtime,
  history: History,
  window: Window,
  startedAt: number,
): Overview {
  const steps = stepsOf(window, MAX_STEPS);
  return {
    ...describeSpan(window, startedAt),
    process: describeProcess(runtime, history, steps),
    defaultLabels: {
      ...defaultLabelsOf(runtime.registry.current()),
      ...runtime.settings.defaultLabels,
    },
    methods: [...history.methods.values()].map((method) => describeMethod(method, window, steps)),
    omittedMethods: history.omittedMethods,
  };
}

function describeMethod(
  history: MethodHistory,
  window: Window,
  steps: readonly Window[],
): MethodRow {
  const { service, method, kinds, summaries, bounds } = history;
  const failedRatioIn = (span: Window): number | null =>
    ratio(failedIn(history, span), callsIn(history, span));
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
    failedRatio: failedRatioIn(window),
    badRatio: ratio(badIn(history, window), callsIn(history, window)),
    p50: percentile(0.5),
    p95: percentile(0.95),
    p99: percentile(0.99),
    highestBound: bounds?.at(-1) ?? null,
    inFlight: kinds.has('inFlight') ? history.inFlight.at(window.timeline.slot(window.to)) : null,
    rates: steps.map(rateIn),
    inFlights: lastOf(history.inFlight, steps),
    failedRatios: steps.map(failedRatioIn),
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
    hasWorkers: peerGroupOf(runtime).hasPeers(),
    loopDelay: steps.map((step) => Math.max(...valuesIn(health.loopDelay, step))),
    cpu: steps.map((step) => mean(valuesIn(health.cpu, step))),
    heapUsed: lastOf(health.heapUsed, steps),
    heapLimit: health.heapLimit,
  };
}

/** The values of a gauge at all samples of a step. */
function valuesIn(gauge: GaugeHistory, { timeline, from, to }: Window): number[] {
  const length = to - from;
  return Array.from({ length }, (_, i) => gauge.at(timeline.slot(from + 1 + i)));
}

/** The value of a gauge at the end of each step. */
function lastOf(gauge: GaugeHistory, steps: readonly Window[]): Trend {
  return steps.map(({ timeline, to }) => gauge.at(timeline.slot(to)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
