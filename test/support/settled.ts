/** Resolves after every reaction to a promise has run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
