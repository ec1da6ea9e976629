import type { HeapSample } from '../programs/watch.js';
import type { Check } from './check.js';

/** Of either, a second: at 500 calls a second two bytes a call, and no object of one call in 500. */
const STEEPEST = { bytes: 1024, objects: 1 } as const;

/** Of fewer samples a slope says nothing. */
const FEWEST_SAMPLES = 5;

/**
 * Whether memory stayed flat over the second half; a run that is too short for that is not judged. Objects are counted as
 * well, since bytes also tell of what V8 learns.
 */
export function judgeHeap(samples: readonly HeapSample[]): Check[] {
  const half = samples.slice(Math.floor(samples.length / 2));
  const judged = half.length >= FEWEST_SAMPLES;
  return (['bytes', 'objects'] as const).map((what) => {
    const slope = medianSlope(half.map((sample) => ({ x: sample.seconds, y: sample[what] })));
    const found = `${slope.toFixed(what === 'bytes' ? 0 : 2)} a second`;
    return {
      what: `memory between rounds, second half: ${what} grow by at most ${STEEPEST[what]} a second`,
      found: judged ? found : `${found}: too short to judge`,
      holds: !judged || slope <= STEEPEST[what],
    };
  });
}

/** By Theil and Sen: one point that is out of line does not bend it. 0 of fewer than two. */
export function medianSlope(points: readonly { x: number; y: number }[]): number {
  const slopes = points
    .flatMap((from, i) => points.slice(i + 1).map((to) => (to.y - from.y) / (to.x - from.x)))
    .toSorted((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}
