import { declaredMethods } from '../../declaration/describe';
import type { ErrorSample } from '../../metrics/error-sample';
import { type ProcessEvent, processEventsOf } from '../../runtime/process-events';
import type { Runtime } from '../../runtime/runtime';
import { objectiveSubjects } from '../../slo/objective-subject';
import { outcomeSources } from '../../slo/outcome';
import { HIDDEN_FROM_READER, NOT_KEPT } from '../hidden-details';
import { createBudgets } from './budgets';
import type {
  Earlier,
  ErrorCount,
  ErrorText,
  MethodDetail,
  MethodFigures,
} from './browser/protocol';
import { earlierWindow, figuresIn } from './comparison';
import { dashboardLink } from './dashboard-link';
import { bucketsIn, countIn, latencyIn, okIn, perSecond, rateOf } from './figures';
import { breakdownsIn } from './label-breakdown';
import { markersIn } from './markers';
import type { History } from './history';
import type { MethodHistory } from './method-history';
import { queriesOf } from './method-queries';
import type { CounterHistory } from './sampled-values';
import { splitTime } from './time-split';
import { describeSpan, secondsOf, stepsOf, trendOf, type Window } from './timeline';

/** Maximum number of points in a chart. */
const MAX_STEPS = 60;

/** What the page shows to the one who reads it. */
export interface PageReader {
  /** Whether messages and stacks of errors are shown. */
  readonly seesDetails: boolean;
  /** Address of a dashboard, with or without placeholders for the names of the service and the method. */
  readonly dashboardUrl: string | null;
  /** Whether the page can take profiles. */
  readonly hasProfiles: boolean;
}

export const EVERYONE: PageReader = { seesDetails: false, dashboardUrl: null, hasProfiles: false };

/** Describes one method, as the page shows it when it is opened. */
export function createDetail(
  runtime: Runtime,
  history: MethodHistory,
  program: History,
  window: Window,
  startedAt: number,
  reader: PageReader = EVERYONE,
): MethodDetail {
  const hidden = whyHidden(runtime, reader);
  const { service, method, bounds, summaries } = history;
  const methods = declaredMethods(runtime);
  const declared = methods.find((other) => other.service === service && other.method === method);
  const steps = stepsOf(window, MAX_STEPS);
  const { from, timeline } = window;
  const span = describeSpan(window, startedAt);
  const timeOf = (time: number): number => span.from + time - timeline.time(from);
  const events = processEventsOf(runtime).all;
  const trend = (figureIn: (step: Window) => number | null) => trendOf(steps, figureIn);
  const percentiles = (q: number) => trend((step) => latencyIn(history, step, q));
  const objective = declared?.objective ?? null;
  const subjects = objectiveSubjects(methods).filter(({ members }) =>
    members.some((member) => member === declared),
  );
  return {
    ...span,
    service,
    method,
    declaredBy: declared?.declaredBy ?? '',
    metrics: (declared?.metrics ?? []).map(({ name, type }) => ({ name, type })),
    times: steps.map(({ to }) => span.from + timeline.time(to) - timeline.time(from)),
    outcomes: outcomesOf(history),
    ok: trend((step) => rateOf(okIn(history, step), step)),
    declared: trend((step) => perSecond(countIn(history.declared, step), step)),
    undeclared: trend((step) => perSecond(undeclaredIn(history, step), step)),
    latency: bounds !== null ? 'histogram' : summaries.length > 0 ? 'summary' : 'none',
    seconds: steps.map(secondsOf),
    p50: percentiles(0.5),
    p95: percentiles(0.95),
    p99: percentiles(0.99),
    bounds: bounds ?? [],
    heat: bounds === null ? [] : steps.map((step) => bucketsIn(history, step)),
    time: splitTime(history.times, window),
    errors: errorsIn(history, window, timeOf, hidden === null),
    hidden,
    breakdowns: breakdownsIn(history.labels, window),
    markers: markersIn(events, window, timeOf),
    figures: figuresIn(history, window),
    earlier: earlierFigures(history, window, events),
    queries: queriesOf(runtime, history, declared),
    dashboard: reader.dashboardUrl === null ? null : dashboardLink(reader.dashboardUrl, history),
    objectiveWindow: objective?.window ?? null,
    budgets: subjects.flatMap((subject) => createBudgets(program, subject, window)),
  };
}

function whyHidden({ errors }: Runtime, { seesDetails }: PageReader): string | null {
  if (!errors.isOn) return NOT_KEPT;
  return seesDetails ? null : HIDDEN_FROM_READER;
}

function outcomesOf({ kinds }: MethodHistory): MethodDetail['outcomes'] {
  const { failures } = outcomeSources(kinds);
  if (failures === null) return 'unknown';
  return failures === 'timed' ? 'failed' : 'by kind';
}

/** Counts every failure as undeclared if the method does not count errors by kind. */
function undeclaredIn(history: MethodHistory, window: Window): number {
  return countIn(history.kinds.has('errorsCounted') ? history.undeclared : history.failed, window);
}

/**
 * The error types that occurred in a window, the most frequent first.
 *
 * @param timeOf converts a time of the samples to one of the wall clock
 */
function errorsIn(
  { errors, otherErrors }: MethodHistory,
  window: Window,
  timeOf: (time: number) => number,
  seesDetails: boolean,
): ErrorCount[] {
  const types = [...errors.values()].map(
    ({ kind, type, counts, firstSeen, lastSeen, traceId, sample }) => ({
      kind,
      type,
      ...countsIn(counts, window),
      firstSeen: timeOf(firstSeen),
      lastSeen: timeOf(lastSeen),
      traceId,
      said: seesDetails ? textOf(sample) : null,
    }),
  );
  const unseen = { firstSeen: null, lastSeen: null, traceId: null, said: null };
  const others = { kind: '', type: null, ...countsIn(otherErrors, window), ...unseen };
  return [...types, others].filter(({ count }) => count > 0).toSorted((a, b) => b.count - a.count);
}

function textOf(sample: ErrorSample | null): ErrorText | null {
  if (sample === null || sample.time === 0) return null;
  const { message, stack, time, process } = sample;
  return { message, stack, time, process };
}

function earlierFigures(
  history: MethodHistory,
  window: Window,
  events: readonly ProcessEvent[],
): Earlier<MethodFigures> {
  const earlier = earlierWindow(window, history.since, events);
  if ('unknownReason' in earlier) return { figures: null, unknownReason: earlier.unknownReason };
  return { figures: figuresIn(history, earlier), unknownReason: null };
}

function countsIn(counts: CounterHistory, window: Window): { count: number; rate: number } {
  const count = countIn(counts, window);
  return { count, rate: perSecond(count, window) ?? 0 };
}
