import Module, { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Imports modules of `src` that the package does not export, compiled like the package: as one CommonJS file. */
export async function loadSource(...modules) {
  const { outputFiles } = await build({
    stdin: {
      contents: modules.map((module) => `export * from './src/${module}';`).join('\n'),
      resolveDir: root,
    },
    bundle: true,
    format: 'cjs',
    platform: 'node',
    target: 'es2022',
    tsconfig: 'tsconfig.build.json',
    write: false,
  });
  const module = new Module(`${root}bench-sources.cjs`);
  module.paths = createRequire(import.meta.url).resolve.paths('esbuild');
  module._compile(outputFiles[0].text, module.id);
  return module.exports;
}
