const REGION = /(<!-- bench: ([\w-]+) -->\n)[^]*?(\n<!-- \/bench -->)/g;

/** Names the regions of a page that hold a table of the benchmark. */
export function regionsOf(page) {
  return [...page.matchAll(REGION)].map(([, , name]) => name);
}

/** Replaces the content of the regions whose tables are given. The others keep theirs. */
export function fillRegions(page, tables) {
  return page.replaceAll(REGION, (region, begin, name, end) =>
    tables.has(name) ? `${begin}\n${tables.get(name)}\n${end}` : region,
  );
}
