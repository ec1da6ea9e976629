// The documentation site. `npm run docs` serves it and shows changes of the Markdown at once; `npm run docs:build` builds it
// into build/site/.vitepress/dist. `npm run docs:publish -- <folder>` builds it into a folder of versions, as one of them.
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { npm, root, run } from '../run.mjs';
import { addVersion } from './versions.mjs';
import { writeApi } from './write-api.mjs';
import { readSidebar, writePages } from './write-pages.mjs';

const SITE = join(root, 'build/site');
const OWN = join(root, 'scripts/site');
const OUTPUT = join(SITE, '.vitepress/dist');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** The path of the site on its server. */
    base: { type: 'string', default: '/' },
    port: { type: 'string', default: '5173' },
  },
});
const [command, published] = positionals;
const { version, repository } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

await install();
if (command === 'serve') {
  await prepare(values.base);
  for (const folder of ['docs', 'examples']) {
    watch(join(root, folder), { recursive: true }, () => writePages(SITE, filesOf(repository)));
  }
  process.exitCode = await vitepress('dev', '--port', values.port);
} else if (command === 'build') {
  await prepare(values.base);
  process.exitCode = await vitepress('build');
} else if (command === 'publish' && published !== undefined) {
  await prepare(`${values.base}${version}/`);
  process.exitCode = await vitepress('build');
  if (process.exitCode === 0) addVersion(published, version, OUTPUT);
} else {
  console.error('Usage: node scripts/site/main.mjs serve|build|publish <folder> [--base <path>]');
  process.exitCode = 2;
}

/** Writes everything that VitePress reads. */
async function prepare(base) {
  rmSync(join(SITE, '.vitepress'), { recursive: true, force: true });
  cpSync(join(OWN, 'vitepress'), join(SITE, '.vitepress'), { recursive: true });
  writePages(SITE, filesOf(repository));
  mkdirSync(join(SITE, 'public'), { recursive: true });
  cpSync(join(root, 'src/tools/page/browser/icon.svg'), join(SITE, 'public/icon.svg'));
  const api = await writeApi(SITE);
  const site = { base, version, isPublished: command === 'publish', sidebar: readSidebar(), api };

  writeFileSync(join(SITE, '.vitepress/site.json'), JSON.stringify(site));
}

/** Installs VitePress and TypeDoc beside the pages, unless they are there. */
async function install() {
  mkdirSync(SITE, { recursive: true });
  const lock = readFileSync(join(OWN, 'package-lock.json'), 'utf8');
  const installed = join(SITE, 'package-lock.json');
  const isComplete = existsSync(join(SITE, 'node_modules/.package-lock.json'));
  if (isComplete && existsSync(installed) && readFileSync(installed, 'utf8') === lock) return;
  for (const name of ['package.json', 'package-lock.json'])
    cpSync(join(OWN, name), join(SITE, name));
  await npm(['ci', '--prefix', SITE]);
}

function vitepress(name, ...options) {
  const program = join(SITE, 'node_modules/vitepress/bin/vitepress.js');
  return run(process.execPath, [program, name, SITE, ...options]);
}

/** The address of the repository's files, or null if package.json names no repository. */
function filesOf(found) {
  const url = typeof found === 'string' ? found : found?.url;
  if (url === undefined) return null;
  return `${url.replace(/^git\+/, '').replace(/\.git$/, '')}/blob/v${version}`;
}
