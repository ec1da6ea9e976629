import type { ProcessEvent } from '../../runtime/process-events';
import type { EarlierTotals, MethodFigures } from './browser/protocol';
import { badIn, callsIn, failedIn, latencyIn, rateOf, ratio } from './figures';
import { wasOffBetween } from './markers';
import type { MethodHistory } from './method-history';
import { gapsIn, type Window } from './timeline';

/** Milliseconds between a window and the one that it is compared with. */
const EARLIER = 300_000;

/** Milliseconds by which the earlier window may be shifted or shorter: one and a half times the time between two samples. */
const TOLERANCE = 3000;

/** The window five minutes earlier, or why nothing is known about it. */
export type EarlierWindow = Window | { readonly unknownReason: string };

/**
 * Finds the window of the same length five minutes earlier.
 *
 * @param since number of the first sample of what is compared
 */
export function earlierWindow(
  window: Window,
  since: number,
  events: readonly ProcessEvent[],
): EarlierWindow {
  const { timeline } = window;
  const [start, end] = [timeline.time(window.from) - EARLIER, timeline.time(window.to) - EARLIER];
  const from = timeline.nearest(start);
  const to = timeline.nearest(end);
  const isFar = (sample: number, time: number): boolean =>
    Math.abs(timeline.time(sample) - time) > TOLERANCE;
  if (gapsIn({ timeline, from, to: window.to }).length > 0) {
    return { unknownReason: 'the history has a gap' };
  }
  if (from < since || window.to === window.from || isFar(from, start) || isFar(to, end)) {
    return { unknownReason: 'the history does not reach that far back' };
  }
  if (wasOffBetween(events, timeline.time(from), timeline.time(window.to))) {
    return { unknownReason: 'recording was switched off meanwhile' };
  }
  return { timeline, from, to };
}

/** The figures of a method in a window. */
export function figuresIn(history: MethodHistory, window: Window): MethodFigures {
  const calls = callsIn(history, window);
  const failed = failedIn(history, window);
  const bad = badIn(history, window);
  return {
    rate: rateOf(calls, window),
    failedRatio: ratio(failed, calls),
    badRatio: ratio(bad, calls),
    p50: latencyIn(history, window, 0.5),
    p95: latencyIn(history, window, 0.95),
    p99: latencyIn(history, window, 0.99),
  };
}

/** The figures of several methods together. What no method knows is unknown; the percentile is that of the slowest method. */
export function totalFiguresIn(
  histories: readonly MethodHistory[],
  window: Window,
): Omit<EarlierTotals, 'loopDelay'> {
  const sum = (countIn: (history: MethodHistory, in_: Window) => number | null): number | null => {
    const known = histories
      .map((history) => countIn(history, window))
      .filter((count) => count !== null);
    return known.length === 0 ? null : known.reduce((total, count) => total + count, 0);
  };
  const calls = sum(callsIn);
  // A summary has no percentiles of an earlier time, so the slowest method of that time is not known.
  const hasSummary = histories.some(
    ({ bounds, summaries }) => bounds === null && summaries.length > 0,
  );
  const known = histories.flatMap((history) => {
    const seconds = latencyIn(history, window, 0.99);
    return seconds === null ? [] : [{ seconds, bounds: history.bounds ?? [] }];
  });
  const [slowest] = hasSummary ? [] : known.toSorted((a, b) => b.seconds - a.seconds);
  return {
    failedRatio: ratio(sum(failedIn), calls),
    badRatio: ratio(sum(badIn), calls),
    p99: slowest?.seconds ?? null,
    lowestBound: slowest?.bounds[0] ?? null,
    highestBound: slowest?.bounds.at(-1) ?? null,
  };
}
