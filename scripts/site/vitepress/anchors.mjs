/** Returns the anchor of a heading, as GitHub makes it, so that the same links work in the repository. */
export function anchorOf(heading) {
  const kept = heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '');
  return kept.replaceAll(/\s/g, '-');
}

/**
 * Gives the rows of the reference anchors: a row whose first cell is a name in code gets it as its id, unless the page has
 * that id already. Links and the search lead to the row.
 */
export function addRowAnchors(md) {
  md.core.ruler.push('row_anchors', ({ env, tokens }) => {
    if (!env.relativePath?.startsWith('reference/')) return;
    const used = new Set(tokens.map((token) => token.attrGet('id')));
    tokens.forEach((row, i) => {
      // A row, its first cell, and the content of the cell.
      if (row.type !== 'tr_open' || tokens[i + 1]?.type !== 'td_open') return;
      const content = tokens[i + 2]?.children ?? [];
      const [name] = content;
      if (content.length !== 1 || name.type !== 'code_inline' || !/^[a-z]\w*$/i.test(name.content))
        return;
      const id = anchorOf(name.content);
      if (used.has(id)) return;
      used.add(id);
      row.attrSet('id', id);
    });
  });
}
