import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

import { build } from 'esbuild';

import { root } from '../run.mjs';

const SOURCE = 'src/tools/page/browser';

/**
 * Bundles and compresses the files that a browser loads. The page decompresses each of them once. `main.js` loads
 * `profile.js` when somebody opens the profiles; `shared.js` holds what both need.
 */
export async function bundlePage() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [
      'main.tsx',
      'profile.tsx',
      'page.css',
      'icon.svg',
      'icon-trouble.svg',
      'icon-lost.svg',
    ].map((name) => `${SOURCE}/${name}`),
    outdir: 'dist/page',
    bundle: true,
    splitting: true,
    chunkNames: 'shared',
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'copy' },
    // The page loads it from the package uplot, which has a build for browsers.
    external: ['./uplot.js'],
    logLevel: 'warning',
    metafile: true,
    write: false,
  });
  mkdirSync(join(root, 'dist/page'), { recursive: true });
  for (const { path, contents } of outputFiles) {
    const { inputs } = metafile.outputs[relative(root, path).replaceAll('\\', '/')];
    const file = join(root, 'dist/page', `${basename(path)}.br`);
    writeFileSync(file, brotliCompressSync(Buffer.concat([licensesOf(inputs), contents])));
  }
}

/** The licenses of the packages of which a file contains code: each asks that every copy contains its license. */
function licensesOf(inputs) {
  const names = Object.entries(inputs)
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .flatMap(([path]) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []);
  return Buffer.from([...new Set(names)].map((name) => `${licenseOf(name)}\n`).join(''));
}

function licenseOf(name) {
  const folder = join(root, 'node_modules', name);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return `/*! ${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()} */`;
}
