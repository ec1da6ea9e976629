import type { Span } from './browser/protocol';

/** When samples were taken. Samples are numbered from 0; the last `capacity` are held. */
export class Timeline {
  private readonly times: Float64Array;
  /** -1 before the first. */
  newest = -1;

  constructor(readonly capacity: number) {
    this.times = new Float64Array(capacity);
  }

  get oldest(): number {
    return Math.max(0, this.newest - this.capacity + 1);
  }

  /** Begins a sample, and gives the place that its values have in every ring. */
  begin(time: number): number {
    const slot = this.slot(++this.newest);
    this.times[slot] = time;
    return slot;
  }

  slot(sample: number): number {
    return sample % this.capacity;
  }

  /** In milliseconds, of whichever clock the samples were taken by. */
  time(sample: number): number {
    return this.times[this.slot(sample)] as number;
  }

  /** The nearest sample that is held. */
  clamp(sample: number): number {
    return Math.max(this.oldest, Math.min(sample, this.newest));
  }

  /** The sample at which a window of so many milliseconds begins that ends at `to`: the nearest to it. */
  start(to: number, milliseconds: number): number {
    const wanted = this.time(to) - milliseconds;
    let from = to;
    while (from > this.oldest && this.time(from) > wanted) from--;
    const isPast = from < to && wanted - this.time(from) > this.time(from + 1) - wanted;
    return isPast ? from + 1 : from;
  }

  /**
   * The ends of even steps over a window, at most so many. They are multiples of the step, so that a step keeps its
   * samples, and a chart its shape, while time goes on; only the first and the last may be shorter.
   */
  steps(from: number, to: number, most: number): number[] {
    const step = Math.max(1, Math.ceil((to - from) / most));
    const ends: number[] = [];
    for (let end = (Math.floor(from / step) + 1) * step; end < to; end += step) ends.push(end);
    if (to > from) ends.push(to);
    return ends;
  }
}

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
