import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { rolldown } from 'rolldown';

import { root } from '../run.mjs';

const { dependencies, peerDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

/**
 * Bundles the modules of src, so that a program reads three files instead of two hundred: what all entry points share,
 * which is nearly everything, and a small file for each of them. Names of functions and variables are shortened, but for
 * those that are exported: users find them in stack traces.
 */
export async function bundleModules() {
  const bundle = await rolldown({
    cwd: root,
    input: {
      index: 'src/index.ts',
      auto: 'src/auto.ts',
      opentelemetry: 'src/opentelemetry.ts',
      cli: 'src/cli.ts',
    },
    platform: 'node',
    external: [/^node:/, ...Object.keys({ ...dependencies, ...peerDependencies })],
    tsconfig: 'tsconfig.build.json',
    plugins: [{ name: 'plain-exports', renderChunk: exportPlainly }],
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  const reserved = (await bundle.generate({ format: 'cjs' })).output
    .filter(({ name }) => name === 'index' || name === 'opentelemetry')
    .flatMap((chunk) => chunk.exports);
  await bundle.write({
    dir: 'dist',
    format: 'cjs',
    exports: 'named',
    // ES modules are strict, and a method that is called on nothing must see that.
    strict: true,
    generatedCode: { symbols: false },
    comments: false,
    chunkFileNames: '[name].js',
    codeSplitting: {
      // Without a group, the command's needs would cut the shared modules into pieces that depend on one another.
      groups: [{ name: 'core', test: isShared }],
    },
    minify: { compress: true, mangle: { toplevel: true, reserved }, codegen: true },
  });
  await bundle.close();
}

/** Also the helper of the bundler itself. */
function isShared(id) {
  return !/[\\/]src[\\/](?:tools[\\/]cli[\\/].*|cli|index|auto|opentelemetry)\.ts$/.test(id);
}

/** Nothing that is exported is ever assigned anew, so that the getters of live bindings would only be 3 kB of code. */
function exportPlainly(code) {
  return code.replaceAll(
    /Object\.defineProperty\(exports, "(\w+)", \{\s*enumerable: true,\s*get: function \(\) \{\s*return (\w+);\s*\}\s*\}\)/g,
    'exports.$1 = $2',
  );
}
