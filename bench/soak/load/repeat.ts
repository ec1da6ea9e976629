import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats an action, with random pauses of up to `pause` ms, until `stop` is aborted. */
export async function repeat(
  stop: AbortSignal,
  pause: number,
  action: () => Promise<void>,
): Promise<void> {
  while (!stop.aborted) {
    await action();
    await sleep(Math.random() * pause, undefined, { signal: stop }).catch(() => {});
  }
}
