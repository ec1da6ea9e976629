import { describe, expect, it } from 'vitest';

import { Timeline } from '../../../src/tools/page/timeline';

function timelineOf(capacity: number, times: readonly number[]): Timeline {
  const timeline = new Timeline(capacity);
  for (const time of times) timeline.begin(time);
  return timeline;
}

describe('Timeline', () => {
  it('a timeline keeps as many of the newest samples as its capacity allows', () => {
    const timeline = timelineOf(3, [0, 10, 20, 30, 40]);
    expect([timeline.oldest, timeline.newest]).toEqual([2, 4]);
    expect([2, 3, 4].map((sample) => timeline.time(sample))).toEqual([20, 30, 40]);
  });

  it('a window starts at the nearest sample', () => {
    const timeline = timelineOf(10, [0, 2000, 4100, 5900, 8000]);
    expect(timeline.start(4, 4000)).toBe(2);
    expect(timeline.start(4, 2900)).toBe(3);
    expect(timeline.start(4, 5500)).toBe(1);
  });

  it('a window that reaches back too far starts at the oldest sample', () => {
    expect(timelineOf(3, [0, 10, 20, 30]).start(3, 1000)).toBe(1);
  });

  it('samples outside of the timeline are clamped', () => {
    const timeline = timelineOf(3, [0, 10, 20, 30]);
    expect([0, 2, 9].map((sample) => timeline.clamp(sample))).toEqual([1, 2, 3]);
  });

  it('steps end at multiples of their length, so that they stay the same while the window moves', () => {
    const timeline = timelineOf(100, []);
    expect(timeline.steps(0, 10, 5)).toEqual([2, 4, 6, 8, 10]);
    expect(timeline.steps(1, 11, 5)).toEqual([2, 4, 6, 8, 10, 11]);
    expect(timeline.steps(0, 3, 30)).toEqual([1, 2, 3]);
    expect(timeline.steps(5, 5, 30)).toEqual([]);
  });
});
