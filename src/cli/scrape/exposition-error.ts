/** A line that is not in the format that it is said to be in. */
export class ExpositionError extends Error {
  constructor(
    message: string,
    /** Counted from 1. */
    readonly line: number,
  ) {
    super(`line ${line}: ${message}`);
  }
}
