// The name of a caller travels as a member of the W3C baggage: https://www.w3.org/TR/baggage/.

/** The member of the baggage that names the caller. */
export const CALLER_MEMBER = 'thrift.caller';

/** The entry of a context that carries the baggage. */
const BAGGAGE = 'baggage';

/** One entry of a context. */
export type ContextEntry = readonly [name: string, value: string];

/** The name of the caller in a context, or null. Never throws. */
export function callerIn(carrier: Readonly<Record<string, string>>): string | null {
  const baggage = carrier[BAGGAGE];
  // Most contexts do not name a caller.
  if (baggage === undefined || !baggage.includes(CALLER_MEMBER)) return null;
  const member = membersOf(baggage).find(isCaller);
  if (member === undefined) return null;
  // Properties may follow the value.
  const [value = ''] = member.slice(member.indexOf('=') + 1).split(';', 1);
  return decode(value.trim());
}

/** The entries of a context that names this caller, and no other one. */
export function withCaller(entries: readonly ContextEntry[], caller: string): ContextEntry[] {
  const others = entries.filter(([name]) => name !== BAGGAGE);
  const members = entries
    .filter(([name]) => name === BAGGAGE)
    .flatMap(([, baggage]) => membersOf(baggage))
    .filter((member) => member !== '' && !isCaller(member));
  const own = `${CALLER_MEMBER}=${encode(caller)}`;
  return [...others, [BAGGAGE, [own, ...members].join(',')]];
}

function membersOf(baggage: string): string[] {
  return baggage.split(',').map((member) => member.trim());
}

function isCaller(member: string): boolean {
  const at = member.indexOf('=');
  return at !== -1 && member.slice(0, at).trim() === CALLER_MEMBER;
}

/** A lone surrogate cannot be encoded, so it is replaced. */
function encode(text: string): string {
  return encodeURIComponent(Buffer.from(text).toString());
}

/** A value that is not encoded correctly does not name a caller. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
