import { setTimeout as sleep } from 'node:timers/promises';

/** Does something again and again, with pauses of random length up to `pause` ms, until told to stop. */
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
