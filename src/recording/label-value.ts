/** The longest label value, in UTF-16 code units. */
const MAX_LENGTH = 256;

/**
 * Shortens a label value that a call decides to 256 characters; the last one of a shortened value is `…`. Values may come
 * from clients, and every series keeps its labels.
 */
export function boundLabelValue(value: string): string {
  if (value.length <= MAX_LENGTH) return value;
  let end = MAX_LENGTH - 1;
  // Half of a surrogate pair is not a character.
  if (isHighSurrogate(value.charCodeAt(end - 1))) end--;
  return `${value.slice(0, end)}…`;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
