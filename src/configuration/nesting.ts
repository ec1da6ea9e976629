/** Levels of nesting. A file of settings has less than ten. */
const MAX_LEVELS = 50;

/** Characters that indent a line. */
const MAX_INDENT = 100;

/** A line up to the first bracket, quote or comment. What comes before can open a level with each indicator. */
const BLOCK = /^[^[{"'#]*/;
const INDICATORS = /[-?:](?=\s|$)/g;

/**
 * Whether a text may be nested so deeply that the YAML parser, which calls itself for each level, would exhaust the stack.
 * The process would not survive that: V8 ends it if a regular expression has no stack left.
 */
export function isNestedTooDeeply(text: string): boolean {
  let level = 0;
  for (const line of text.split('\n')) {
    const block = BLOCK.exec(line)?.[0] ?? '';
    const indent = block.length - block.trimStart().length;
    if (indent > MAX_INDENT || (block.match(INDICATORS)?.length ?? 0) > MAX_LEVELS) return true;
    for (const character of line) {
      if (character === '[' || character === '{') level++;
      else if (character === ']' || character === '}') level = Math.max(0, level - 1);
      if (level > MAX_LEVELS) return true;
    }
  }
  return false;
}
