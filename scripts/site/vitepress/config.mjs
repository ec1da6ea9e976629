import { readFileSync } from 'node:fs';

import { defineConfig } from 'vitepress';

import { addRowAnchors, anchorOf } from './anchors.mjs';
import { search } from './search.mjs';

// Written by scripts/site/main.mjs.
const { base, version, isPublished, sidebar, api } = JSON.parse(
  readFileSync(new URL('site.json', import.meta.url), 'utf8'),
);

export default defineConfig({
  title: 'thrift-metrics',
  description: 'Decorators that measure Apache Thrift services on Node.js',
  lang: 'en',
  base,
  cleanUrls: false,
  lastUpdated: false,
  // Programs that the reader runs.
  ignoreDeadLinks: 'localhostLinks',
  markdown: {
    anchor: { slugify: anchorOf },
    config: addRowAnchors,
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  head: [['link', { rel: 'icon', href: `${base}icon.svg` }]],
  themeConfig: {
    version,
    isPublished,
    nav: [
      { text: 'Tutorial', link: '/tutorial/first-service' },
      { text: 'Guides', link: '/how-to/choose', activeMatch: '/how-to/' },
      { text: 'Reference', link: '/reference/decorators', activeMatch: '/reference/' },
      { text: 'Explanation', link: '/explanation/architecture', activeMatch: '/explanation/' },
      { text: 'API', link: '/api/', activeMatch: '/api/' },
    ],
    sidebar: { '/api/': api, '/': sidebar },
    outline: [2, 3],
    search,
  },
});
