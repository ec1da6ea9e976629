import type { Span } from './browser/protocol';
import type { Timeline } from './timeline';

/** What figures are computed over: two samples that are held. */
export interface Window {
  readonly timeline: Timeline;
  /** Numbers of samples. */
  readonly from: number;
  readonly to: number;
}

/** A window of so many seconds up to a sample; up to the newest where none is named. */
export function createWindow(timeline: Timeline, seconds: number, until: number | null): Window {
  const to = until === null ? timeline.newest : timeline.clamp(until);
  return { timeline, from: timeline.start(to, seconds * 1000), to };
}

export function secondsOf({ timeline, from, to }: Window): number {
  return (timeline.time(to) - timeline.time(from)) / 1000;
}

/** The steps of a window as windows, each from the end of the one before. */
export function stepsOf({ timeline, from, to }: Window, most: number): Window[] {
  let begin = from;
  return timeline.steps(from, to, most).map((end) => {
    const step = { timeline, from: begin, to: end };
    begin = end;
    return step;
  });
}

/** By the wall clock as it is now. The samples' own clock goes on through changes of that. */
export function describeSpan({ timeline, from, to }: Window, beganAt: number): Span {
  const wall = Date.now() - performance.now();
  return {
    from: wall + timeline.time(from),
    to: wall + timeline.time(to),
    heldFrom: wall + timeline.time(timeline.oldest),
    beganAt,
    sample: to,
  };
}
