/**
 * Reads the table of contents of the documentation, `docs/README.md`, as groups of a sidebar: a heading is a group, a line
 * that ends with a colon is a group within it, and an item of a list is a page.
 */
export function sidebarOf(contents, sitePathOfLink) {
  const groups = [];
  let group = null;
  let part = null;
  for (const line of contents.split('\n')) {
    const heading = /^##+ (.*)$/.exec(line)?.[1];
    const subheading = /^([A-Z][^.:]*):$/.exec(line)?.[1];
    const [, text, link] = /^- .*?\[([^\]]+)\]\(([^)]+)\)/.exec(line) ?? [];
    if (heading !== undefined) {
      group = part = { text: heading, items: [] };
      groups.push(group);
    } else if (subheading !== undefined && group !== null) {
      part = { text: subheading, items: [] };
      group.items.push(part);
    } else if (text !== undefined && part !== null) {
      const page = sitePathOfLink(link);
      if (page !== null) part.items.push({ text: plain(text), link: `/${page}` });
    }
  }
  return groups.filter(({ items }) => items.length > 0);
}

function plain(text) {
  const name = text.replaceAll('`', '');
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
