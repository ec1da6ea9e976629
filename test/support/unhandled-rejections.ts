/** Runs an action and resolves with the reasons of the unhandled rejections it caused, once Node has reported them. */
export async function unhandledRejectionsOf(action: () => unknown): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const collect = (reason: unknown): void => void reasons.push(reason);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', collect);
  try {
    await action();
    // Node reports after the microtasks of a turn; two turns also cover what the first turn's reactions reject.
    for (let turn = 0; turn < 2; turn++) await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.off('unhandledRejection', collect);
    for (const listener of others) process.on('unhandledRejection', listener);
  }
  return reasons;
}
