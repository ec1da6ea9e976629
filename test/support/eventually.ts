/** Milliseconds after which something that does not happen is an error. */
const LONGEST = 10_000;

/** Runs a check in every turn of the event loop until it no longer throws, also while timers are faked. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  const [start] = process.hrtime();
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (process.hrtime()[0] - start > LONGEST / 1000) throw error;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
