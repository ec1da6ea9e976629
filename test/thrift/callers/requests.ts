import { encodeCall, writeMap } from '../../support/encode-call';
import type { Wire } from '../service/wire';

/** Encodes a call of `twice` whose context names the caller, in the baggage. */
export function encodeNamedCall(wire: Wire, baggage: string, argument = 21): Buffer {
  return encodeCall(wire, 'twice', argument, (output) =>
    writeMap(output, 8888, [['baggage', baggage]]),
  );
}
