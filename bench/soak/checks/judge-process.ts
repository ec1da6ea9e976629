import type { HeapSample } from '../programs/watch.js';
import type { Check } from './check.js';
import { medianSlope } from './judge-heap.js';

/** Greatest allowed growth per second. */
const STEEPEST = { handles: 0.01, delay: 0.01 } as const;

/** Shortest time over which growth is judged, in seconds. Below, delays say more about the machine than about the process. */
const SHORTEST = { handles: 30, delay: 600 } as const;

const NAMES = {
  handles: 'open handles between rounds',
  delay: 'delay of the event loop in a round, 99th percentile in ms',
} as const;

/** Checks that handles and delays of the event loop did not grow over the second half of the run. */
export function judgeProcess(samples: readonly HeapSample[]): Check[] {
  const half = samples.slice(Math.floor(samples.length / 2));
  const seconds = (half.at(-1)?.seconds ?? 0) - (half[0]?.seconds ?? 0);
  return (['handles', 'delay'] as const).map((what) => {
    const judged = seconds >= SHORTEST[what];
    const slope = medianSlope(half.map((sample) => ({ x: sample.seconds, y: sample[what] })));
    const found = `${slope.toFixed(3)} a second`;
    return {
      what: `${NAMES[what]}, second half: grow by at most ${STEEPEST[what]} a second`,
      found: judged ? found : `${found}: too short to judge`,
      holds: !judged || slope <= STEEPEST[what],
    };
  });
}
