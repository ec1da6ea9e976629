import type { HeapSample } from '../programs/watch.js';
import type { Check } from './check.js';

/** Greatest allowed growth per second. At 500 calls a second, that is two bytes per call and one object per 500 calls. */
const STEEPEST = { bytes: 1024, objects: 1 } as const;

/** With fewer samples, a slope means nothing. */
const FEWEST_SAMPLES = 5;

/**
 * Checks that memory stayed flat over the second half of the run; a run that is too short is not judged. It checks the
 * number of objects as well, because bytes also grow with what V8 learns.
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

/** Computes the Theil–Sen slope, which outliers do not distort. It is 0 for fewer than two points. */
export function medianSlope(points: readonly { x: number; y: number }[]): number {
  const slopes = points
    .flatMap((from, i) => points.slice(i + 1).map((to) => (to.y - from.y) / (to.x - from.x)))
    .toSorted((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}
