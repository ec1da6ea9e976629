import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { isAbsolute, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';

import { CommandError } from '../command-error';

/**
 * Imports a module by its path or its package specifier, as a file in the folder `cwd` would. TypeScript is compiled by
 * tsx, where that is installed; a loader that Node.js was started with does as well.
 *
 * @throws {CommandError} when there is no such module; what the module itself throws is passed on.
 */
export async function importFrom(cwd: string, specifier: string): Promise<object> {
  // A file that is in the folder, for those who look from it.
  const referrer = join(cwd, 'thrift-metrics-command-line');
  const require = createRequire(referrer);
  const path = findModule(require, cwd, specifier);
  if (path === null) return importAs(referrer, specifier);
  const isTypeScript = /\.[cm]?tsx?$/.test(path);
  const hasTsx = isTypeScript && (await loadTsx(require));
  try {
    return (await import(pathToFileURL(path).href)) as object;
  } catch (error) {
    if (isTypeScript && !hasTsx && cannotRead(error)) {
      throw new CommandError(
        `${specifier}: TypeScript needs tsx (npm install --save-dev tsx), or name the compiled module`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** The file that a specifier names; null where it is a package's that only `import` finds. */
function findModule(require: NodeJS.Require, cwd: string, specifier: string): string | null {
  const path = resolve(cwd, specifier);
  if (existsSync(path) && statSync(path).isFile()) return path;
  const isPath = isAbsolute(specifier) || /^\.\.?(?:[\\/]|$)/.test(specifier);
  try {
    return require.resolve(isPath ? path : specifier);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return null;
    const nor = isPath ? '' : ', and no such package';
    throw new CommandError(`${specifier}: no such file in ${cwd}${nor}`, { cause: error });
  }
}

/** Imports as a file with that path would. */
async function importAs(referrer: string, specifier: string): Promise<object> {
  const importIt = new Script('(specifier) => import(specifier)', {
    filename: referrer,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }).runInThisContext() as (specifier: string) => Promise<object>;
  return importIt(specifier);
}

/** As `node --import tsx` does, with the tsx of the project. Twice does no harm. */
async function loadTsx(require: NodeJS.Require): Promise<boolean> {
  let tsx: string;
  try {
    tsx = require.resolve('tsx');
  } catch {
    return false;
  }
  await import(pathToFileURL(tsx).href);
  return true;
}

function cannotRead(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof SyntaxError || code === 'ERR_UNKNOWN_FILE_EXTENSION';
}
