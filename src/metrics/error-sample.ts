/** What a recent error of one series said. Holds texts only, so that it keeps no error alive, and is as small as they are. */
export interface ErrorSample {
  /** Empty if the error has no message, or if it was redacted to nothing. */
  readonly message: string;
  /** The innermost stack frames, one per line. Empty if the error has none. */
  readonly stack: string;
  /** Milliseconds since 1970. 0 before an error was read. */
  readonly time: number;
  /** The process, and perhaps the thread, in which the call failed. */
  readonly process: string;
  /** Milliseconds on the monotonic clock of that process before which no other error of the series is read. */
  readonly due: number;
}

/** Returns the newer of two samples, or the one that is not null. */
export function newerSample(
  one: ErrorSample | null,
  other: ErrorSample | null,
): ErrorSample | null {
  if (one === null || other === null) return one ?? other;
  return other.time > one.time ? other : one;
}
