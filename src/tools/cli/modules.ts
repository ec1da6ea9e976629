import { existsSync, statSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Server } from 'node:net';
import { isAbsolute, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';

import { adoptMethods, bindAll } from '../../declaration/class-binding';
import { type DeclaredMethod, declaredMethods } from '../../declaration/describe';
import { currentRuntime, RUNTIME_KEY } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';
import { CommandError, EXIT } from './command-line';
import { firstLine } from './output';

/**
 * Imports modules, one after the other, and returns what is declared in the process then.
 *
 * @throws {CommandError} when a module cannot be found, throws, does not end, starts a server, or when nothing is declared.
 */
export async function loadModules(
  specifiers: readonly string[],
  cwd: string,
  seconds: number,
): Promise<DeclaredMethod[]> {
  // Modules may depend on the order that they are named in.
  // oxlint-disable-next-line no-await-in-loop
  for (const specifier of specifiers) await loadModule(specifier, cwd, seconds);
  const declared = declaredMethods(currentRuntime());
  if (declared.length === 0) throw new CommandError(nothingDeclared(specifiers));
  return declared;
}

async function loadModule(specifier: string, cwd: string, seconds: number): Promise<void> {
  const watched = watchImport(specifier, seconds);
  try {
    const namespace = await Promise.race([importFrom(cwd, specifier), watched.failed]);
    bindExportedClasses(namespace);
    // What the module has only begun, such as a server behind a promise, has its turn.
    await Promise.race([setImmediate(), watched.failed]);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(describeThrown(specifier, error), { cause: error });
  } finally {
    watched.end();
  }
}

function describeThrown(specifier: string, error: unknown): string {
  if (!(error instanceof Error))
    return `${specifier} throws when it is imported: ${firstLine(error)}`;
  const kind = error instanceof ThriftMetricsError ? error.code : error.name;
  const place = /(?:^|\(|at )(?:file:\/\/)?(\/[^()\n]+?:\d+)(?::\d+)?\)?$/m.exec(
    error.stack ?? '',
  )?.[1];
  const where = place === undefined ? '' : ` (${place})`;
  return `${specifier} throws when it is imported: ${kind}: ${firstLine(error)}${where}`;
}

function nothingDeclared(specifiers: readonly string[]): string {
  const names = specifiers.join(', ');
  const own = Symbol.keyFor(RUNTIME_KEY);
  const other = Object.getOwnPropertySymbols(globalThis)
    .map((symbol) => Symbol.keyFor(symbol) ?? '')
    .find((key) => /^thrift-metrics\.(?:state|runtime)\./.test(key) && key !== own);
  if (other !== undefined) {
    return `${names}: loaded with a version of thrift-metrics that this command cannot read; run the command of that version: npx thrift-metrics in its project`;
  }
  return `${names}: no decorated class found. Looked for classes with Instrumented, Counted, Timed, ErrorsCounted or InFlight that are evaluated when the module is imported, and for instrumentHandler; a class without a class decorator has to be exported`;
}

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

const ADVICE =
  'export the handler class from a module of its own, which only defines it, and name that one';

export interface WatchedImport {
  /** Rejects when the module does what would leave the command hanging or without an end. */
  readonly failed: Promise<never>;
  /** Ends the watch. Servers stay held: one that a module starts late shall not open a port either. */
  end(): void;
}

/**
 * Watches what a module does beside defining classes while it is imported. A server that it starts does not listen, what
 * it prints goes to standard error, it sees no arguments, and when it ends the process, the exit code says that nothing was done.
 */
export function watchImport(specifier: string, seconds: number): WatchedImport {
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // It may fail when nobody waits for it any more.
  failed.catch(() => {});
  Server.prototype.listen = function (this: Server): Server {
    fail(new CommandError(`${specifier} starts a server when it is imported; ${ADVICE}`));
    return this;
  };
  const timer = setTimeout(() => {
    const message = `${specifier} is not loaded after ${seconds} s: does it await something at its top level? `;
    fail(new CommandError(`${message}If so, ${ADVICE}; --timeout gives it more time`));
  }, seconds * 1000);
  const onExit = (): void => {
    process.exitCode = EXIT.failed;
    const message = `thrift-metrics: ${specifier} ends the process when it is imported; ${ADVICE}\n`;
    writeSync(process.stderr.fd, message);
  };
  const { stdout, stderr, argv } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  // The arguments are those of this command; the module shall not take them for its own.
  process.argv = [...argv.slice(0, 1), specifier];
  process.on('exit', onExit);
  process.setUncaughtExceptionCaptureCallback(fail);
  return {
    failed,
    end() {
      clearTimeout(timer);
      stdout.write = write;
      process.argv = argv;
      process.off('exit', onExit);
      process.setUncaughtExceptionCaptureCallback(null);
    },
  };
}

/**
 * Gives the classes that a module exports their series. In the standard dialect, method decorators of a class without a
 * class decorator learn their class only when it is constructed, and nobody constructs it here.
 */
export function bindExportedClasses(namespace: object): void {
  const { default: main } = namespace as { default?: unknown };
  // What `module.exports` holds of a CommonJS module is not always among the names of its namespace.
  const ofMain = typeof main === 'object' && main !== null ? Object.values(main) : [];
  for (const exported of new Set<unknown>([...Object.values(namespace), ...ofMain])) {
    bindWithBases(exported);
  }
}

function bindWithBases(exported: unknown): void {
  let owner = exported;
  while (typeof owner === 'function' && owner !== Function.prototype) {
    if (typeof owner.prototype === 'object' && owner.prototype !== null) {
      const declaration = adoptMethods(currentRuntime(), owner);
      if (declaration.methods.some(({ plan }) => !plan.ready))
        bindAll(currentRuntime(), declaration, owner);
    }
    owner = Object.getPrototypeOf(owner);
  }
}
