import { createRequire } from 'node:module';
import Module = require('node:module');
import { dirname, join } from 'node:path';

import { isObject } from '../../validation/checks';
import { IS_BUN } from '../../runtime/javascript-runtime';
import { otherLibraryIn } from './other-libraries';

/** Loads a module by what a program requires. */
type Load = (this: unknown, request: string, ...rest: unknown[]) => unknown;

/** The loader of CommonJS modules: an object and the name of its function. */
type Loader = readonly [loader: Record<string, Load>, name: string];

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

/** Receives what is found among the modules that the program loads. */
export interface LibraryObserver {
  /** Called with every copy of `thrift`, before the program gets it. */
  found(library: Record<string, unknown>): void;
  /** Called when a module with the name `thrift` is something else. */
  unknown(): void;
  /** Called with the name of another implementation of Thrift, each time that the program requires one of its modules. */
  other(name: string): void;
  /** Called when looking at a module has thrown. Must not throw. */
  failed(fault: unknown): void;
}

/**
 * Observes the libraries that the program loads. Loads the copy of `thrift` of the main module immediately, because the values
 * of an ES module's named imports are fixed when the copy is first loaded.
 */
export function findLibraries(observer: LibraryObserver): void {
  const [loader, name] = loaderOfRuntime();
  const load = loader[name] as Load;
  loader[name] = function (request, ...rest) {
    const module = load.call(this, request, ...rest);
    try {
      inspect(request, module, observer);
    } catch (fault) {
      // A module can be a proxy, or frozen. The program gets it all the same.
      observer.failed(fault);
    }
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
    try {
      // The loader above passes the copy to the observer.
      void require('thrift');
    } catch {
      // The program gets the error when it requires the copy itself, which it may never do.
    }
    return;
  }
}

function inspect(request: string, module: unknown, observer: LibraryObserver): void {
  if (request.includes('thrift') && isThriftLibrary(module)) observer.found(module);
  else if (request === 'thrift') observer.unknown();
  const other = otherLibraryIn(request);
  if (other !== null) observer.other(other);
}

/** Whether a module is a copy of `thrift`. */
function isThriftLibrary(module: unknown): module is Record<string, unknown> {
  if (!isObject(module)) return false;
  return (
    typeof exported(module, 'createServer') === 'function' &&
    typeof exported(module, 'createClient') === 'function' &&
    typeof (Object(exported(module, 'Thrift')) as { TException?: unknown }).TException ===
      'function'
  );
}

/**
 * What a module exports under a name, without running a getter. While modules load each other in a circle, getters of compiled
 * modules throw, and Node.js warns when a property that is not there yet is read.
 */
function exported(module: object, name: string): unknown {
  return Reflect.getOwnPropertyDescriptor(module, name)?.value;
}
