import { createRequire } from 'node:module';
import Module = require('node:module');
import { dirname, join } from 'node:path';

import { isThriftLibrary } from './instrument-library';

/** Node's own loader of CommonJS modules, through which `import` of them goes, too. */
interface Loader {
  _load(this: unknown, request: string, ...rest: unknown[]): unknown;
}

/**
 * Hands `found` every copy of `thrift` that the program loads, before the program has it: the one that its main module
 * would get at once, since an ES module's named imports are fixed when that is first loaded, others as they are loaded.
 */
export function findLibraries(found: (library: Record<string, unknown>) => void): void {
  const loader = Module as unknown as Loader;
  // oxlint-disable-next-line typescript/unbound-method -- called with the receiver of each call
  const load = loader._load;
  loader._load = function (request, ...rest) {
    const module = load.call(this, request, ...rest);
    if (request.includes('thrift') && isThriftLibrary(module)) found(module);
    return module;
  };
  const [, main] = process.argv;
  for (const folder of [main === undefined ? null : dirname(main), process.cwd()]) {
    if (folder === null) continue;
    const require = createRequire(join(folder, 'program.js'));
    try {
      require.resolve('thrift');
    } catch {
      continue;
    }
    // Loaded, not only resolved: `found` is told of it by the loader above.
    void require('thrift');
    return;
  }
}
