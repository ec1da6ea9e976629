import { build } from 'esbuild';

/** Imports modules of `src` that the package does not export, compiled like the package. */
export async function loadSource(...modules) {
  const { outputFiles } = await build({
    stdin: {
      contents: modules.map((module) => `export * from './src/${module}';`).join('\n'),
      resolveDir: new URL('..', import.meta.url).pathname,
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    tsconfig: 'tsconfig.build.json',
    write: false,
  });
  const code = Buffer.from(outputFiles[0].contents).toString('base64');
  return import(`data:text/javascript;base64,${code}`);
}
