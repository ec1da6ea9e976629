import { applyWithoutStackTrace } from './apply-without-stack-trace';
import type { MessageBegin, Protocol } from './protocol';
import { bytesLeft } from './transport-position';

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
