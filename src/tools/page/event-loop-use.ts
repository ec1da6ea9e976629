import type { Blocker, EventLoopUse } from './browser/protocol';
import type { MethodHistory } from './method-history';
import type { ProcessHistory } from './process-history';
import { secondsOf, type Window } from './timeline';

/** Methods that are named. */
const MOST_BLOCKERS = 3;

/** Describes how busy the event loop was in a window, and the methods that held it. */
export function describeEventLoop(
  methods: readonly MethodHistory[],
  { knowsUtilization, utilization }: ProcessHistory,
  window: Window,
): EventLoopUse {
  const { timeline, from, to } = window;
  const seconds = secondsOf(window);
  const blockers = seconds > 0 ? methods.flatMap((method) => blockerOf(method, window)) : [];
  let used = 0;
  for (let sample = from + 1; sample <= to; sample++) {
    // Samples are not evenly spaced, because a blocked event loop delays them.
    const length = (timeline.time(sample) - timeline.time(sample - 1)) / 1000;
    used += utilization.at(timeline.slot(sample)) * length;
  }
  return {
    utilization: knowsUtilization && seconds > 0 ? used / seconds : null,
    isMeasured: methods.some(({ times }) => times.isHeldMeasured),
    blockers: blockers.toSorted((a, b) => b.share - a.share).slice(0, MOST_BLOCKERS),
    longest: blockers.toSorted((a, b) => b.longestBlock - a.longestBlock)[0] ?? null,
  };
}

function blockerOf({ service, method, times }: MethodHistory, window: Window): Blocker[] {
  const held = times.heldIn(window);
  if (held <= 0) return [];
  const longestBlock = times.longestBlockIn(window);
  return [{ service, method, share: held / secondsOf(window), longestBlock }];
}
