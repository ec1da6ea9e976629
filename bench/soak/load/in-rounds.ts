/** How long load lasts before it pauses. */
const ROUND_MS = 10_000;

/** Keeps up a load for so many seconds, in rounds: after each, once nobody is under way any more, comes `between`. */
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
