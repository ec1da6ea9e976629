import { declaredMethods } from '../../declaration/describe';
import { defaultLabelsOf } from '../../runtime/metrics-registry';
import { processEventsOf } from '../../runtime/process-events';
import type { Runtime } from '../../runtime/runtime';
import { peerGroupOf } from '../../scrape/workers/peer-group';
import { watchedHangAge } from '../../slo/hang';
import { isBad } from '../../slo/outcome';
import type {
  CallerRow,
  Earlier,
  EarlierTotals,
  MethodRow,
  Overview,
  ProcessHealth,
  Trend,
} from './browser/protocol';
import { earlierWindow, totalFiguresIn } from './comparison';
import { connectionsIn, protocolErrorsIn } from './connections';
import {
  badIn,
  callsIn,
  countIn,
  failedIn,
  latencyIn,
  rateOf,
  ratio,
  summaryQuantile,
} from './figures';
import { describeEventLoop } from './event-loop-use';
import type { History } from './history';
import type { MethodHistory } from './method-history';
import type { GaugeHistory } from './sampled-values';
import { identityOf } from './identity';
import { methodKey } from './method-reader';
import { NO_OBJECTIVES, readObjectives, type ObjectiveState } from './objective-state';
import { describeSpan, gapsIn, stepsOf, trendOf, type Window } from './timeline';

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
  const span = describeSpan(window, startedAt);
  const { timeline } = window;
  const timeOf = (sample: number): number =>
    span.from + timeline.time(sample) - timeline.time(window.from);
  const defaultLabels = {
    ...defaultLabelsOf(runtime.registry.current()),
    ...runtime.settings.defaultLabels,
  };
  const methods = [...history.methods.values()];
  const services = new Set(methods.map(({ service }) => service));
  const objectives = readObjectives(declaredMethods(runtime), history, window);
  return {
    ...span,
    identity: identityOf(process.env, defaultLabels, [...services]),
    objectives: objectives.count,
    times: steps.map(({ to }) => timeOf(to)),
    gaps: gapsIn(window).map(({ from, to }) => ({ from: timeOf(from), to: timeOf(to) })),
    process: describeProcess(runtime, history, steps),
    eventLoop: describeEventLoop(methods, history.process, window),
    defaultLabels,
    methods: methods.map((method) => describeMethod(method, window, steps, objectives)),
    omittedMethods: history.omittedMethods.size,
    clients: [...history.clients.values()].map((client) => ({
      ...describeMethod(client, window, steps, NO_OBJECTIVES),
      topError: topErrorIn(client, window),
    })),
    omittedClients: history.omittedClients,
    callers: [...history.callers.values()].map((caller) => describeCaller(caller, window, steps)),
    omittedCallers: history.omittedCallers,
    connections: connectionsIn(history.connections, window),
    protocolErrors: protocolErrorsIn(
      history.connections,
      window,
      (time) => span.from + time - timeline.time(window.from),
    ),
    earlier: earlierTotals(runtime, history, window),
  };
}

function describeCaller(
  history: MethodHistory,
  window: Window,
  steps: readonly Window[],
): CallerRow {
  const rateIn = (span: Window): number | null => rateOf(callsIn(history, span), span);
  const failedRatioIn = (span: Window): number | null =>
    ratio(failedIn(history, span), callsIn(history, span));
  return {
    service: history.service,
    caller: history.method,
    rate: rateIn(window),
    failedRatio: failedRatioIn(window),
    rates: trendOf(steps, rateIn),
    failedRatios: trendOf(steps, failedRatioIn),
  };
}

/** The figures of the first line five minutes earlier, if all methods were recorded then. */
function earlierTotals(runtime: Runtime, history: History, window: Window): Earlier<EarlierTotals> {
  const methods = [...history.methods.values()];
  const since = Math.max(0, ...methods.map((method) => method.since));
  const earlier = earlierWindow(window, since, processEventsOf(runtime).all);
  if ('unknownReason' in earlier) return { figures: null, unknownReason: earlier.unknownReason };
  const loopDelay = Math.max(...valuesIn(history.process.loopDelay, earlier));
  const figures = { ...totalFiguresIn(methods, earlier), loopDelay };
  return { figures, unknownReason: null };
}

function describeMethod(
  history: MethodHistory,
  window: Window,
  steps: readonly Window[],
  objectives: ObjectiveState,
): MethodRow {
  const { service, method, kinds, summaries, bounds } = history;
  const failedRatioIn = (span: Window): number | null =>
    ratio(failedIn(history, span), callsIn(history, span));
  const rateIn = (span: Window): number | null => rateOf(callsIn(history, span), span);
  const percentile = (q: number): number | null =>
    latencyIn(history, window, q) ?? summaryQuantile(summaries, q);
  const slot = window.timeline.slot(window.to);
  const key = methodKey(service, method);
  const latencyBound = objectives.bounds.get(key) ?? null;
  return {
    service,
    method,
    rate: rateIn(window),
    failedRatio: failedRatioIn(window),
    badRatio: ratio(badIn(history, window), callsIn(history, window)),
    failedRate: rateOf(failedIn(history, window), window),
    badRate: rateOf(badIn(history, window), window),
    p50: percentile(0.5),
    p95: percentile(0.95),
    p99: percentile(0.99),
    lowestBound: bounds?.[0] ?? null,
    highestBound: bounds?.at(-1) ?? null,
    inFlight: kinds.has('inFlight') ? history.inFlight.at(slot) : null,
    oldest: history.hasOldest ? history.oldest.at(slot) : null,
    hangAge: hangAgeOf(history, window, latencyBound),
    budget: objectives.budgets.get(key) ?? null,
    latencyBound,
    rates: trendOf(steps, rateIn),
    inFlights: lastOf(history.inFlight, steps),
    failedRatios: trendOf(steps, failedRatioIn),
    p99s: trendOf(steps, (step) => latencyIn(history, step, 0.99)),
  };
}

function hangAgeOf(history: MethodHistory, window: Window, latencyBound: number | null): number {
  const { timeline } = window;
  const wholeHistory = { timeline, from: timeline.oldest, to: window.to };
  return watchedHangAge({
    latencyBound,
    p99: latencyIn(history, wholeHistory, 0.99),
    highestBound: history.bounds?.at(-1) ?? null,
  });
}

/** The type of the most frequent error that makes a call bad, or null without one. */
function topErrorIn({ errors }: MethodHistory, window: Window): string | null {
  let found: string | null = null;
  let most = 0;
  for (const { kind, type, counts } of errors.values()) {
    const count = countIn(counts, window);
    if (count > most && isBad(kind, false)) [found, most] = [`${type} (${kind})`, count];
  }
  return found;
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
