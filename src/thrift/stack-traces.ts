import { IS_BUN } from '../runtime/javascript-runtime';
import { bytesLeft, type MessageBegin, type Protocol } from './wire';

/**
 * Calls a function whose errors get no stack trace; their class, name and message stay the same. Thrift's servers read
 * messages until an error says that the packet holds no more, so every packet costs a stack trace. In a short call, that
 * is two thirds of the time that Thrift itself takes. Errors keep their stack traces where `Error.stackTraceLimit` cannot be
 * set, and on Bun: there Thrift's error gets a stack trace whatever the limit is, and other errors get no `stack` at all.
 */
export function applyWithoutStackTrace(
  target: (this: never, ...args: never[]) => unknown,
  self: unknown,
  args: ArrayLike<unknown>,
): unknown {
  const { stackTraceLimit } = Error;
  // If the limit is not a number, V8 captures no stack trace anyway, and a property that is deleted must stay deleted.
  if (IS_BUN || typeof stackTraceLimit !== 'number' || !setStackTraceLimit(0)) {
    return Reflect.apply(target, self, args);
  }
  try {
    return Reflect.apply(target, self, args);
  } finally {
    setStackTraceLimit(stackTraceLimit);
  }
}

/** Returns false where intrinsic objects are frozen. */
function setStackTraceLimit(limit: number): boolean {
  try {
    Error.stackTraceLimit = limit;
    return true;
  } catch {
    return false;
  }
}

const NO_ARGUMENTS: readonly unknown[] = [];

/** Lets a protocol object report the end of its packet by an error without a stack trace. */
export function spareStackTrace(input: Protocol): void {
  // An own function was put there by this one before, or by another observer.
  if (!Object.hasOwn(input, 'readMessageBegin')) input.readMessageBegin = readMessageBegin;
}

function readMessageBegin(this: Protocol): MessageBegin {
  const inherited = (Object.getPrototypeOf(this) as Protocol).readMessageBegin;
  if (bytesLeft(this.trans) !== 0) return inherited.call(this);
  return applyWithoutStackTrace(inherited, this, NO_ARGUMENTS) as MessageBegin;
}
