/** Writes a table in Markdown. The first row is the head. */
export function markdownTable([head, ...rows]) {
  return [head, head.map(() => '---'), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}
