import { bytesLeft, type MessageBegin, type Protocol } from './wire';

/**
 * Calls a function without the stack traces of the errors that it throws. Thrift's servers learn from an error that a packet
 * holds no more messages, so that each packet costs a stack trace: of a short call two thirds of Thrift's own time.
 * Errors keep class, message and name. Where the limit is not the program's to set, nothing is spared.
 */
export function applyWithoutStackTrace(
  target: (this: never, ...args: never[]) => unknown,
  self: unknown,
  args: ArrayLike<unknown>,
): unknown {
  const { stackTraceLimit } = Error;
  // Errors are ordinary ones where it is no number; setting it back would not bring that about again.
  if (typeof stackTraceLimit !== 'number' || !setStackTraceLimit(0)) {
    return Reflect.apply(target, self, args);
  }
  try {
    return Reflect.apply(target, self, args);
  } finally {
    setStackTraceLimit(stackTraceLimit);
  }
}

/** False where intrinsic objects are frozen. */
function setStackTraceLimit(limit: number): boolean {
  try {
    Error.stackTraceLimit = limit;
    return true;
  } catch {
    return false;
  }
}

const NOTHING: readonly unknown[] = [];

/** Has a protocol object that reads a packet say without a stack trace that the packet is at its end. */
export function spareStackTrace(input: Protocol): void {
  // One that has a function of its own is watched by somebody else, or is spared already.
  if (!Object.hasOwn(input, 'readMessageBegin')) input.readMessageBegin = readMessageBegin;
}

function readMessageBegin(this: Protocol): MessageBegin {
  const inherited = (Object.getPrototypeOf(this) as Protocol).readMessageBegin;
  if (bytesLeft(this.trans) !== 0) return inherited.call(this);
  return applyWithoutStackTrace(inherited, this, NOTHING) as MessageBegin;
}
