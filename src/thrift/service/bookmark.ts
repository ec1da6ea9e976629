import type { Protocol } from '../wire';

/** The state of `TJSONProtocol`, which parses a whole message and takes what it reads out of the result. */
interface Parsed {
  /** The values that are being read, the innermost last. */
  rstack: unknown[];
  rpos: unknown[];
}

/** The cursors of the buffered and the framed transport. */
const CURSORS = ['readCursor', 'readPos'] as const;

/**
 * Returns a function after which a protocol reads the map that begins here again, or null if where it reads is not known, as
 * with a transport of the program.
 */
export function bookmarkMap(input: Protocol): (() => void) | null {
  if (isParsed(input)) return bookmarkParsed(input);
  const { trans } = input;
  for (const cursor of CURSORS) {
    const position = trans[cursor];
    if (position !== undefined) return () => void Reflect.set(trans, cursor, position);
  }
  return null;
}

function isParsed(input: object): input is Parsed {
  const { rstack, rpos } = input as Partial<Parsed>;
  return Array.isArray(rstack) && Array.isArray(rpos);
}

function bookmarkParsed(input: Parsed): () => void {
  const { rstack, rpos } = input;
  const values = [...rstack];
  // A map is a list of its types, its size and an object, from which entries are removed.
  const map = values.pop();
  const kept = Array.isArray(map) ? map.map(copyOf) : map;
  const positions = [...rpos];
  return () => {
    // The same arrays, because copies of the protocol share them.
    rstack.splice(0, rstack.length, ...values, kept);
    rpos.splice(0, rpos.length, ...positions);
  };
}

function copyOf(part: unknown): unknown {
  return Object.prototype.toString.call(part) === '[object Object]'
    ? { ...(part as object) }
    : part;
}
