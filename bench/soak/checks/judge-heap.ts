import type { HeapSample } from '../programs/watch.js';
import type { Check } from './check.js';

/**
 * In bytes a second. At 500 calls a second it is two bytes a call, less than any object; at one reload a second it is a
 * kibibyte of each, less than what a class takes. In a day it is 84 MiB.
 */
const STEEPEST = 1024;

/** Scrapes that are being compressed add some MiB to a sample; the least of so many in a row has less of that. */
const SAMPLES_PER_FLOOR = 10;

/** Of less than that a slope says nothing. */
const FEWEST_FLOORS = 5;

/** Whether memory stayed flat over the second half; a run that is too short for that is not judged. */
export function judgeHeap(samples: readonly HeapSample[]): Check {
  const half = floors(samples.slice(Math.floor(samples.length / 2)));
  const slope = `${Math.round(medianSlope(half))} bytes/s`;
  const judged = half.length >= FEWEST_FLOORS;
  return {
    what: `memory after garbage collection, second half: grows by at most ${STEEPEST} bytes/s`,
    found: judged ? slope : `${slope}: too short to judge`,
    holds: !judged || medianSlope(half) <= STEEPEST,
  };
}

/** The least of each group of samples; what is left over at the end is left out. */
export function floors(samples: readonly HeapSample[]): HeapSample[] {
  return Array.from({ length: Math.floor(samples.length / SAMPLES_PER_FLOOR) }, (_, i) =>
    samples
      .slice(i * SAMPLES_PER_FLOOR, (i + 1) * SAMPLES_PER_FLOOR)
      .reduce((least, sample) => (sample.bytes < least.bytes ? sample : least)),
  );
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
