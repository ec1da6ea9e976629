import { setImmediate } from 'node:timers/promises';

/** A computation in steps, which a caller may interrupt after each of them. */
export type Steps<Result> = Generator<void, Result, void>;

/** Milliseconds for which a computation holds the event loop before keys and answers get their turn. */
const SLICE = 20;

/** Takes all steps at once. */
export function finish<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const { done, value } = steps.next();
    if (done === true) return value;
  }
}

/** Takes the steps in slices of time, between which the event loop runs. */
export async function finishInSlices<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const start = performance.now();
    while (performance.now() - start < SLICE) {
      const { done, value } = steps.next();
      if (done === true) return value;
    }
    // oxlint-disable-next-line no-await-in-loop
    await setImmediate();
  }
}
