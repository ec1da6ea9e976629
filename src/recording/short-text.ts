/**
 * Shortens a text to `most` UTF-16 code units; the last one of a shortened text is `…`. The result is a copy, because a slice
 * of a long text keeps all of it in memory, and it is well-formed.
 */
export function shortText(text: string, most: number): string {
  const isLong = text.length > most;
  const kept = Buffer.from(isLong ? text.slice(0, most - 1) : text).toString();
  return isLong ? `${kept}…` : kept;
}
