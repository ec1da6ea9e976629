import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';

import { root } from '../run.mjs';
import { sidebarOf } from './contents.mjs';
import { landingPageOf } from './landing-page.mjs';
import { linkToSite, sitePathOf } from './site-paths.mjs';

/** The folders and files of the repository that have pages. */
const SOURCES = ['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs', 'examples'];

/**
 * Writes the pages of the repository into the folder of the site, with links that lead to pages of the site.
 * `repository` is the address of the repository's files, or null if they are not published.
 */
export function writePages(folder, repository) {
  for (const path of SOURCES.flatMap(filesIn)) {
    const target = sitePathOf(path);
    if (target === null) continue;
    mkdirSync(dirname(join(folder, target)), { recursive: true });
    if (!path.endsWith('.md')) {
      cpSync(join(root, path), join(folder, target));
      continue;
    }
    const markdown = readFileSync(join(root, path), 'utf8');
    const linked = linkToSite(markdown, path, repository);
    writeFileSync(join(folder, target), path === 'README.md' ? landingPageOf(linked) : linked);
  }
}

/** The groups of the sidebar, from the table of contents of the documentation. */
export function readSidebar() {
  const contents = readFileSync(join(root, 'docs/README.md'), 'utf8');
  return sidebarOf(contents, (link) => sitePathOf(posix.join('docs', link)));
}

function filesIn(path) {
  if (path.includes('.')) return [path];
  return readdirSync(join(root, path), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.parentPath.includes('node_modules'))
    .map((entry) => posix.join(posix.relative(root, entry.parentPath), entry.name));
}
