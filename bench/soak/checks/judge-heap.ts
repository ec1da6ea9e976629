import type { HeapSample } from '../programs/watch.js';
import type { Check } from './check.js';

/**
 * In bytes a second. At 500 calls a second it is two bytes a call, less than any object; at one reload a second it is a
 * kibibyte of each, less than what a class takes. In a day it is 84 MiB.
 */
const STEEPEST = 1024;

/** Of fewer samples a slope says nothing. */
const FEWEST_SAMPLES = 5;

/** Whether memory stayed flat over the second half; a run that is too short for that is not judged. */
export function judgeHeap(samples: readonly HeapSample[]): Check {
  const half = samples.slice(Math.floor(samples.length / 2));
  const slope = `${Math.round(medianSlope(half))} bytes/s`;
  const judged = half.length >= FEWEST_SAMPLES;
  return {
    what: `memory between rounds, second half: grows by at most ${STEEPEST} bytes/s`,
    found: judged ? slope : `${slope}: too short to judge`,
    holds: !judged || medianSlope(half) <= STEEPEST,
  };
}

/** By Theil and Sen: one sample that is out of line does not bend it. 0 of fewer than two. */
export function medianSlope(samples: readonly HeapSample[]): number {
  const slopes = samples
    .flatMap((from, i) =>
      samples.slice(i + 1).map((to) => (to.bytes - from.bytes) / (to.seconds - from.seconds)),
    )
    .toSorted((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}
