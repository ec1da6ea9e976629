/** Length of a round, after which the load pauses. */
const ROUND_MS = 10_000;

/** Runs a load for `seconds` in rounds. After each round, once all its work has ended, it calls `between`. */
export async function inRounds(
  seconds: number,
  load: (stop: AbortSignal) => Promise<unknown>,
  between: () => Promise<void>,
): Promise<void> {
  for (let left = Math.round(seconds * 1000); left > 0; left -= ROUND_MS) {
    await load(AbortSignal.timeout(Math.min(left, ROUND_MS)));
    await between();
  }
}
