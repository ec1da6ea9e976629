import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { rolldown } from 'rolldown';

import { root } from '../run.mjs';

const { version, dependencies, peerDependencies } = JSON.parse(
  readFileSync(join(root, 'package.json'), 'utf8'),
);

/**
 * Bundles the modules of src: `core.js` holds everything that the main entry needs, `tools.js` what else `dashboards` and the
 * command share, and each entry point has a small file with the rest. Names and line breaks stay, because Node.js prints the
 * source line of an uncaught error, and because stack traces, profiles and debuggers show them.
 */
export async function bundleModules() {
  const bundle = await rolldown({
    cwd: root,
    input: {
      index: 'src/index.ts',
      auto: 'src/auto.ts',
      dashboards: 'src/dashboards.ts',
      opentelemetry: 'src/opentelemetry.ts',
      cli: 'src/cli.ts',
    },
    platform: 'node',
    external: [/^node:/, ...Object.keys({ ...dependencies, ...peerDependencies })],
    tsconfig: 'tsconfig.build.json',
    transform: { define: { PACKAGE_VERSION: JSON.stringify(version) } },
    plugins: [{ name: 'plain-exports', renderChunk: exportPlainly }],
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
  });
  await bundle.write({
    dir: 'dist',
    format: 'cjs',
    exports: 'named',
    // ES modules are strict, and a method that is called on nothing must see that.
    strict: true,
    generatedCode: { symbols: false },
    comments: false,
    chunkFileNames: '[name].js',
    // A group also takes everything that its modules import. Without it, the needs of the other entry points would cut the
    // shared modules into chunks that depend on one another.
    codeSplitting: {
      groups: [
        { name: 'core', test: /[\\/]src[\\/]index\.ts$/, priority: 1 },
        // What only `dashboards` and the command need does not burden applications.
        { name: 'tools', test: /[\\/]src[\\/]dashboards\.ts$/ },
        // What only `opentelemetry` and `auto` need.
        { name: 'tracing', test: /[\\/]src[\\/]signals[\\/]/ },
      ],
    },
    minify: false,
    minifyInternalExports: false,
  });
  await bundle.close();
}

/** Replaces the getters of live bindings: no export is ever reassigned, so that they would only be 5 kB of code. */
function exportPlainly(code) {
  return code.replaceAll(
    /Object\.defineProperty\(exports, "(\w+)", \{\s*enumerable: true,\s*get: function \(\) \{\s*return (\w+);\s*\}\s*\}\);/g,
    'exports.$1 = $2;',
  );
}
