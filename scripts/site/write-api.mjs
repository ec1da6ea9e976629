import { readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { root } from '../run.mjs';

/** The entry points whose exports have a page each, as programs import them. `auto` has no exports. */
const ENTRY_POINTS = {
  index: 'thrift-metrics',
  dashboards: 'thrift-metrics/dashboards',
  opentelemetry: 'thrift-metrics/opentelemetry',
};

/** Writes a page for each export, from the doc comments, and returns the groups of the sidebar. */
export async function writeApi(folder) {
  const out = join(folder, 'api');
  rmSync(out, { recursive: true, force: true });
  // It is installed with the site, because it needs another compiler than the package.
  const typedoc = createRequire(join(folder, 'package.json')).resolve('typedoc');
  const { Application } = await import(pathToFileURL(typedoc).href);
  const app = await Application.bootstrapWithPlugins({
    plugin: ['typedoc-plugin-markdown', 'typedoc-vitepress-theme'].map((name) =>
      createRequire(join(folder, 'package.json')).resolve(name),
    ),
    entryPoints: Object.keys(ENTRY_POINTS).map((name) => join(root, `src/${name}.ts`)),
    tsconfig: join(root, 'tsconfig.build.json'),
    name: 'API',
    out,
    docsRoot: folder,
    readme: 'none',
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    hidePageHeader: true,
    hideBreadcrumbs: false,
    useCodeBlocks: true,
    expandObjects: false,
    parametersFormat: 'table',
    groupOrder: ['Functions', 'Variables', 'Classes', 'Interfaces', 'Type Aliases'],
    // Public types use a few that are not exported.
    validation: { notExported: false },
    logLevel: 'Warn',
  });
  const project = await app.convert();
  if (project === undefined) throw new Error('TypeDoc could not read the entry points');
  for (const module of project.children ?? []) module.name = ENTRY_POINTS[module.name];
  await app.generateOutputs(project);
  const sidebar = readFileSync(join(out, 'typedoc-sidebar.json'), 'utf8');
  // In a group that can be collapsed, VitePress nests buttons, which screen readers cannot read.
  const groups = JSON.parse(sidebar, (key, value) => (key === 'collapsed' ? undefined : value));
  return entryPointsIn(groups);
}

/** The groups of the entry points, the main one first. TypeDoc nests the others as if they were folders. */
function entryPointsIn(groups) {
  return groups
    .flatMap((group) =>
      group.link === undefined
        ? group.items.map((item) => ({ ...item, text: `${group.text}/${item.text}` }))
        : [group],
    )
    .toSorted((a, b) => a.text.localeCompare(b.text));
}
