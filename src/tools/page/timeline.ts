import { milliseconds as monotonicClock, wallClock } from '../../metrics/clock';
import type { Span } from './browser/protocol';

/** The times of samples, which are numbered from 0. Keeps the last `capacity` samples. */
export class Timeline {
  private readonly times: Float64Array;
  /** Number of the newest sample, or -1 before the first. */
  newest = -1;

  constructor(readonly capacity: number) {
    this.times = new Float64Array(capacity);
  }

  /** Number of the oldest sample that is kept. */
  get oldest(): number {
    return Math.max(0, this.newest - this.capacity + 1);
  }

  /** Starts a sample, and returns the slot for its values. */
  begin(time: number): number {
    const slot = this.slot(++this.newest);
    this.times[slot] = time;
    return slot;
  }

  /** The index of a sample in every array of values. */
  slot(sample: number): number {
    return sample % this.capacity;
  }

  /** Milliseconds of the clock that the samples were taken by. */
  time(sample: number): number {
    return this.times[this.slot(sample)] as number;
  }

  /** The sample taken nearest to a time, in milliseconds of the clock of the samples. */
  nearest(time: number): number {
    let found = this.newest;
    while (found > this.oldest && this.time(found - 1) >= time) found--;
    const isCloser = found > this.oldest && time - this.time(found - 1) < this.time(found) - time;
    return isCloser ? found - 1 : found;
  }

  /** The sample with this number, or the one next to it that is kept. */
  clamp(sample: number): number {
    return Math.max(this.oldest, Math.min(sample, this.newest));
  }

  /** The sample nearest to the start of a window that ends at sample `to`. */
  start(to: number, milliseconds: number): number {
    const wanted = this.time(to) - milliseconds;
    let from = to;
    while (from > this.oldest && this.time(from) > wanted) from--;
    const isPast = from < to && wanted - this.time(from) > this.time(from + 1) - wanted;
    return isPast ? from + 1 : from;
  }

  /**
   * Divides a window into at most `most` steps, and returns their ends. Steps end at multiples of their length, so that
   * each keeps its samples, and a chart its shape, while the window moves. Only the first and last may be shorter.
   */
  steps(from: number, to: number, most: number): number[] {
    const step = Math.max(1, Math.ceil((to - from) / most));
    const ends: number[] = [];
    for (let end = (Math.floor(from / step) + 1) * step; end < to; end += step) ends.push(end);
    if (to > from) ends.push(to);
    return ends;
  }
}

/** The time between two samples that are kept. */
export interface Window {
  readonly timeline: Timeline;
  /** Number of the sample at the start. */
  readonly from: number;
  /** Number of the sample at the end. */
  readonly to: number;
}

/** A window of this many seconds that ends at sample `until`, or at the newest sample if it is null. */
export function createWindow(timeline: Timeline, seconds: number, until: number | null): Window {
  const to = until === null ? timeline.newest : timeline.clamp(until);
  return { timeline, from: timeline.start(to, seconds * 1000), to };
}

/** Milliseconds between two samples above which the time between them is a gap. Samples are usually two seconds apart. */
const SHORTEST_GAP = 6000;

/** The gaps in a window: times without a sample, because the event loop was blocked or the machine slept. */
export function gapsIn({ timeline, from, to }: Window): { from: number; to: number }[] {
  const gaps: { from: number; to: number }[] = [];
  for (let sample = from + 1; sample <= to; sample++) {
    const length = timeline.time(sample) - timeline.time(sample - 1);
    if (length > SHORTEST_GAP) gaps.push({ from: sample - 1, to: sample });
  }
  return gaps;
}

/** Whether gaps take more than half of a window. Its mean then says little about any moment in it. */
function isMostlyGap(window: Window): boolean {
  const { timeline } = window;
  const missing = gapsIn(window).reduce((sum, gap) => sum + secondsOf({ timeline, ...gap }), 0);
  return missing > secondsOf(window) / 2;
}

export function secondsOf({ timeline, from, to }: Window): number {
  return (timeline.time(to) - timeline.time(from)) / 1000;
}

/** Divides a window into at most `most` steps, each of which is a window. */
export function stepsOf({ timeline, from, to }: Window, most: number): Window[] {
  let begin = from;
  return timeline.steps(from, to, most).map((end) => {
    const step = { timeline, from: begin, to: end };
    begin = end;
    return step;
  });
}

/** A figure in each step. It is null in a step that is mostly a gap, so that a chart shows the gap. */
export function trendOf(
  steps: readonly Window[],
  figureIn: (step: Window) => number | null,
): (number | null)[] {
  return steps.map((step) => (isMostlyGap(step) ? null : figureIn(step)));
}

/** Milliseconds to add to a time of the samples for the current wall clock, which may be set while the process runs. */
function wallOffset(): number {
  return wallClock() - monotonicClock();
}

/** The sample taken nearest to a time on the wall clock. */
export function sampleAt(timeline: Timeline, time: number): number {
  return timeline.nearest(time - wallOffset());
}

/** The span of a window on the current wall clock. Samples use a clock that changes of the wall clock do not affect. */
export function describeSpan({ timeline, from, to }: Window, startedAt: number): Span {
  const wall = wallOffset();
  return {
    from: wall + timeline.time(from),
    to: wall + timeline.time(to),
    historyFrom: wall + timeline.time(timeline.oldest),
    startedAt,
    sample: to,
  };
}
