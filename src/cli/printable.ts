/** Text of others without what would move a terminal's cursor or break a line: control characters are written out. */
export function printable(text: string): string {
  return text.replaceAll(
    /\p{Cc}|\p{Cf}|\p{Zl}|\p{Zp}/gu,
    (character) => NAMED[character] ?? `\\u{${character.codePointAt(0)?.toString(16) ?? ''}}`,
  );
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** The first line of an error's message, or of whatever was thrown instead of an error. */
export function firstLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return printable(message.trim().split('\n', 1)[0] ?? '');
}
