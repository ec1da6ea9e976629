import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';

interface Found {
  readonly id: string;
}

interface Index {
  search(query: string): Found[];
}

interface MiniSearch {
  loadJSON(json: string, options: object): Index;
}

interface SiteData {
  readonly themeConfig: {
    readonly search: {
      readonly options: {
        readonly miniSearch: { readonly options: object; readonly searchOptions: object };
      };
    };
  };
}

/**
 * Opens the search of a built version of the site, with the index and the options that its pages load. It returns what the
 * search box shows for a query: the address of a section for each result, best first.
 */
export async function openSearch(
  site: string,
  version: string,
): Promise<(query: string) => string[]> {
  const chunks = join(site, version, 'assets/chunks');
  const file = readdirSync(chunks).find((name) => name.startsWith('@localSearchIndexroot')) ?? '';
  const index = (await import(pathToFileURL(join(chunks, file)).href)) as { default: string };
  const { options, searchOptions } = siteDataOf(join(site, version)).themeConfig.search.options
    .miniSearch;
  // The version that is bundled into the pages.
  const installed = createRequire(join(__dirname, '../../../build/site/package.json'));
  const miniSearch = (installed('minisearch') as MiniSearch).loadJSON(index.default, {
    fields: ['title', 'titles', 'text'],
    ...options,
    searchOptions,
  });
  return (query) => miniSearch.search(query).map(({ id }) => id.slice(`/${version}/`.length));
}

/** Runs the script of a page that holds the configuration of the site, with functions as text. */
function siteDataOf(folder: string): SiteData {
  const html = readFileSync(join(folder, 'index.html'), 'utf8');
  const script = /<script>([^<]*?__VP_SITE_DATA__[\s\S]*?)<\/script>/.exec(html)?.[1] ?? '';
  const window = {} as { __VP_SITE_DATA__: SiteData };
  runInNewContext(script, { window });
  return window.__VP_SITE_DATA__;
}
