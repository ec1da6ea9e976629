// A handler that is a module.

/** @public called by Thrift */
export async function count(): Promise<number> {
  return 3;
}

/** @public called by Thrift */
export const twice = (number: number, answer: (error: unknown, result?: unknown) => void): void =>
  answer(null, 2 * number);
