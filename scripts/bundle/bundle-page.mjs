import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';

import { build } from 'esbuild';

import { root } from '../run.mjs';

const SOURCE = 'src/tools/page/browser';

/** Bundles and compresses the files that a browser loads. The page decompresses each of them once. */
export async function bundlePage() {
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['main.tsx', 'page.css', 'icon.svg', 'icon-trouble.svg', 'icon-lost.svg'].map(
      (name) => `${SOURCE}/${name}`,
    ),
    outdir: 'dist/page',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    loader: { '.svg': 'copy' },
    // The license of Preact asks that every copy of it contains the license.
    banner: { js: licenseOf('preact') },
    // The page loads it from the package uplot, which has a build for browsers.
    external: ['./uplot.js'],
    logLevel: 'warning',
    write: false,
  });
  mkdirSync(join(root, 'dist/page'), { recursive: true });
  for (const { path, contents } of outputFiles) {
    const file = join(root, 'dist/page', `${basename(path)}.br`);
    writeFileSync(file, brotliCompressSync(contents));
  }
}

function licenseOf(name) {
  const folder = join(root, 'node_modules', name);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return `/*! ${name} ${version}\n\n${readFileSync(join(folder, 'LICENSE'), 'utf8').trim()} */`;
}
