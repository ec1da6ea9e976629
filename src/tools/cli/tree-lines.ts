/** A text with the texts below it. Libraries for trees add no more than the lines in front of them. */
export interface TreeNode {
  readonly text: string;
  readonly children: readonly TreeNode[];
}

/** What is drawn in front of a text and of those below it, for a text that has siblings after it and for the last one. */
export interface TreeLines {
  readonly item: string;
  readonly belowItem: string;
  readonly last: string;
  readonly belowLast: string;
}

export const BOX: TreeLines = { item: '├─ ', belowItem: '│  ', last: '└─ ', belowLast: '   ' };

/** For terminals without box-drawing characters. */
export const ASCII: TreeLines = { item: '|- ', belowItem: '|  ', last: '`- ', belowLast: '   ' };

/** Renders trees as lines. */
export function renderTrees(roots: readonly TreeNode[], lines: TreeLines): string[] {
  return roots.flatMap(({ text, children }) => [text, ...renderChildren(children, lines)]);
}

function renderChildren(nodes: readonly TreeNode[], lines: TreeLines): string[] {
  return nodes.flatMap(({ text, children }, i) => {
    const isLast = i === nodes.length - 1;
    const below = renderChildren(children, lines).map(
      (line) => (isLast ? lines.belowLast : lines.belowItem) + line,
    );
    return [(isLast ? lines.last : lines.item) + text, ...below];
  });
}

/**
 * Whether output may have characters beyond ASCII, by the locale as POSIX defines it. A locale that is not set counts as UTF-8,
 * because containers set none; the console of Linux and terminals without abilities do not have the characters.
 */
export function isUnicode(environment: Readonly<NodeJS.ProcessEnv>): boolean {
  const { LC_ALL, LC_CTYPE, LANG, TERM } = environment;
  if (TERM === 'linux' || TERM === 'dumb') return false;
  const locale = [LC_ALL, LC_CTYPE, LANG].find((each) => each !== undefined && each !== '');
  return locale === undefined || /utf-?8/i.test(locale);
}
