import { createRequire } from 'node:module';
import Module = require('node:module');
import { dirname, join } from 'node:path';

import { isObject } from '../../validation/checks';
import { IS_BUN } from '../../runtime/javascript-runtime';
import { otherLibraryIn } from './other-libraries';

/** Loads a module by what a program requires. */
type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown;

/** The loader of CommonJS modules, as an object and the name of its function. */
type Loader = readonly [holder: Record<string, Load>, name: string];

/**
 * Node.js and Deno load every CommonJS module through this function, also for `import`. Bun does not call it, and loads what
 * programs require through another one.
 */
function loaderOfRuntime(): Loader {
  const loader = Module as unknown as { readonly prototype: Record<string, Load> };
  return IS_BUN
    ? [loader.prototype, 'require']
    : [loader as unknown as Record<string, Load>, '_load'];
}

/** Who gets what the program loads. */
export interface LibraryObserver {
  /** Gets every copy of `thrift`, before the program gets it. */
  found(library: Record<string, unknown>): void;
  /** Told that a module with the name `thrift` is something else. */
  unknown(): void;
  /** Gets the name of another implementation of Thrift, each time that the program requires one of its modules. */
  other(name: string): void;
}

/**
 * Observes the libraries that the program loads. Loads the copy of `thrift` of the main module immediately, because the values
 * of an ES module's named imports are fixed when the copy is first loaded.
 */
export function findLibraries(observer: LibraryObserver): void {
  const [holder, name] = loaderOfRuntime();
  const load = holder[name] as Load;
  holder[name] = function (request, ...rest) {
    const module = load.call(this, request, ...rest);
    if (request.includes('thrift') && isThriftLibrary(module)) observer.found(module);
    else if (request === 'thrift') observer.unknown();
    const other = otherLibraryIn(request);
    if (other !== null) observer.other(other);
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
    // The loader above passes the copy to the observer.
    void require('thrift');
    return;
  }
}

/** Whether a module is a copy of `thrift`. */
function isThriftLibrary(module: unknown): module is Record<string, unknown> {
  if (!isObject(module)) return false;
  const { createServer, createClient, Thrift } = module as Record<string, unknown>;
  return (
    typeof createServer === 'function' &&
    typeof createClient === 'function' &&
    typeof (Object(Thrift) as { TException?: unknown }).TException === 'function'
  );
}
