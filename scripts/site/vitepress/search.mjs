/** The full-text search of the site, which MiniSearch does in the browser. */
export const search = {
  provider: 'local',
  options: {
    miniSearch: {
      options: { tokenize: termsOfText },
      searchOptions: {
        tokenize: termsOfQuery,
        prefix: true,
        fuzzy: 0.2,
        // Names differ in few letters, and often one begins with another.
        weights: { prefix: 0.1, fuzzy: 0.1 },
        boost: { title: 8, text: 2, titles: 1 },
        boostDocument: boostOf,
        // A name that a long page defines counts about as much as one that a short page mentions.
        bm25: { k: 0.6, b: 0.3, d: 0.5 },
      },
      _splitIntoSections: (_path, html) => sectionsOf(html),
    },
  },
};

// VitePress sends the following three functions to the browser as text, so they use nothing outside of them.

/**
 * The words of a text. Identifiers are found whole and from each of their parts on: `thrift_server_errors_total` also by
 * `errors_total`. The parts of a name with underscores are words as well. The parts of `instrumentClient` are not, because
 * `instrument` is another export.
 */
function termsOfText(text) {
  const words = text.match(/[\p{L}\p{N}_]+/gu) ?? [];
  return words.flatMap((word) => {
    const parts = [...word.matchAll(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[\p{Ll}\p{N}]+/gu)];
    const tails = parts.map(({ index }) => word.slice(index));
    const single = word.includes('_') ? word.split('_').filter(Boolean) : [];
    return [...new Set([word, ...tails, ...single])];
  });
}

/** The words of a query, with identifiers only whole: a reader who types one looks for it, and not for others with its parts. */
function termsOfQuery(query) {
  return query.match(/[\p{L}\p{N}_]+/gu) ?? [];
}

/** The reference comes before pages that mention what it defines. */
function boostOf(id) {
  return /\/(?:reference|api)\//.test(id) ? 2 : 1;
}

/** Divides a page into what the search can find: the sections of its headings, and the rows that have an anchor. */
function* sectionsOf(html) {
  const [, ...parts] = html.split(/<h(\d) id="([^"]*)"[^>]*>([\s\S]*?)<\/h\1>/);
  const path = [];
  for (let i = 0; i < parts.length; i += 4) {
    const [level, anchor, heading, content] = parts.slice(i, i + 4);
    path.length = Number(level) - 1;
    path.push(textOf(heading.replace(/<a class="header-anchor[\s\S]*$/, '')));
    const titles = path.filter(Boolean);
    const [before, ...rows] = content.split(/<tr id="([^"]*)"[^>]*>([\s\S]*?)<\/tr>/);
    let text = before;
    for (let row = 0; row < rows.length; row += 3) {
      const [id, cells, after] = rows.slice(row, row + 3);
      const [, name] = /<code[^>]*>(.*?)<\/code>/.exec(cells);
      yield { anchor: id, titles: [...titles, name], text: textOf(cells) };
      text += after;
    }
    yield { anchor, titles, text: textOf(text) };
  }
}

function textOf(html) {
  return html.replaceAll(/<[^>]*>/g, '').trim();
}
