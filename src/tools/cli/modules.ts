import { existsSync, statSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Server } from 'node:net';
import { isAbsolute, join, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { constants, Script } from 'node:vm';

import { adoptMethods, bindAll } from '../../declaration/class-binding';
import { type DeclaredMethod, declaredMethods } from '../../declaration/describe';
import { firstPosition } from '../../runtime/package-paths';
import { currentRuntime, RUNTIME_KEY } from '../../runtime/runtime';
import { ThriftMetricsError } from '../../validation/errors';
import { CommandError, EXIT } from './command-line';
import { firstLine } from './output';

/**
 * Imports modules in the given order, and returns the methods that are then declared in the process.
 *
 * @throws {CommandError} if a module cannot be found, throws, does not load in time, ends the process or starts a
 * server, or if no module declares a method.
 */
export async function loadModules(
  specifiers: readonly string[],
  cwd: string,
  seconds: number,
): Promise<DeclaredMethod[]> {
  // One after the other, because modules may depend on their order.
  // oxlint-disable-next-line no-await-in-loop
  for (const specifier of specifiers) await loadModule(specifier, cwd, seconds);
  const declared = declaredMethods(currentRuntime());
  if (declared.length === 0) throw new CommandError(nothingDeclared(specifiers));
  return declared;
}

async function loadModule(specifier: string, cwd: string, seconds: number): Promise<void> {
  const watch = watchImport(specifier, seconds);
  try {
    const namespace = await Promise.race([importFrom(cwd, specifier), watch.failed]);
    bindExportedClasses(namespace);
    // Lets work run that the import only started, such as a server behind a promise.
    await Promise.race([setImmediate(), watch.failed]);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError(describeThrown(specifier, error), { cause: error });
  } finally {
    watch.end();
  }
}

function describeThrown(specifier: string, error: unknown): string {
  const thrown = `${specifier} throws on import: `;
  if (!(error instanceof Error)) return thrown + firstLine(error);
  const kind = error instanceof ThriftMetricsError ? error.code : error.name;
  const location = firstPosition(error.stack ?? '');
  const where = location === undefined ? '' : ` (${location})`;
  return `${thrown}${kind}: ${firstLine(error)}${where}`;
}

function nothingDeclared(specifiers: readonly string[]): string {
  const names = specifiers.join(', ');
  const own = Symbol.keyFor(RUNTIME_KEY);
  const other = Object.getOwnPropertySymbols(globalThis)
    .map((symbol) => Symbol.keyFor(symbol) ?? '')
    .find((key) => /^thrift-metrics\.(?:state|runtime)\./.test(key) && key !== own);
  return other === undefined
    ? `${names}: no decorated class found. On import, a module must define a class with Instrumented, Counted, Timed, ErrorsCounted or InFlight, or call instrumentHandler. It must export every class that has no class decorator.`
    : `${names}: this command cannot read the version of thrift-metrics that decorates the classes. Run the command of that version: npx thrift-metrics in the project of the modules.`;
}

/**
 * Imports a module by path or package name, as a file in the folder `cwd` would. TypeScript is compiled by the project's
 * tsx, if installed, or by the loader that Node.js was started with.
 *
 * @throws {CommandError} if the module cannot be found or is TypeScript that nothing compiles. What the module itself
 * throws is passed on.
 */
async function importFrom(cwd: string, specifier: string): Promise<object> {
  // A hypothetical file in the folder, which Node.js resolves the specifier for.
  const referrer = join(cwd, 'thrift-metrics-command-line');
  const require = createRequire(referrer);
  const path = findModule(require, cwd, specifier);
  if (path === null) return importAs(referrer, specifier);
  const isTypeScript = /\.[cm]?tsx?$/.test(path);
  const hasTsx = isTypeScript && (await loadTsx(require));
  try {
    return (await import(pathToFileURL(path).href)) as object;
  } catch (error) {
    if (isTypeScript && !hasTsx && isUnreadable(error)) {
      throw new CommandError(
        `${specifier} is TypeScript, which needs tsx. Install it (npm install --save-dev tsx), or pass the compiled module.`,
        { cause: error },
      );
    }
    throw error;
  }
}

/** The file of a module, or null if it belongs to a package that only exports it to `import`. */
function findModule(require: NodeJS.Require, cwd: string, specifier: string): string | null {
  const path = resolve(cwd, specifier);
  if (existsSync(path) && statSync(path).isFile()) return path;
  const isPath = isAbsolute(specifier) || /^\.\.?(?:[\\/]|$)/.test(specifier);
  try {
    return require.resolve(isPath ? path : specifier);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_PACKAGE_PATH_NOT_EXPORTED') return null;
    const found = isPath ? 'no such file' : 'no such file or package';
    throw new CommandError(
      `${specifier}: ${found} in ${cwd}. Check the path, and whether the module has been built.`,
      { cause: error },
    );
  }
}

/** Imports a module as the file `referrer` would. */
async function importAs(referrer: string, specifier: string): Promise<object> {
  const importIt = new Script('(specifier) => import(specifier)', {
    filename: referrer,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  }).runInThisContext() as (specifier: string) => Promise<object>;
  return importIt(specifier);
}

/** Registers the project's tsx as `node --import tsx` does, if it is installed. Safe to call repeatedly. */
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

/** Whether Node.js could not read the file as JavaScript. */
function isUnreadable(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return error instanceof SyntaxError || code === 'ERR_UNKNOWN_FILE_EXTENSION';
}

const ADVICE =
  'Export the handler class from a module that only defines it, and pass that module instead.';

interface ImportWatch {
  /** Rejects if the module does something that would keep the command from finishing. */
  readonly failed: Promise<never>;
  /** Ends the watch. Keeps `listen` disabled, so a server started late cannot open a port either. */
  end(): void;
}

/**
 * Contains the side effects of a module while it is imported: servers do not listen, output goes to standard error, the
 * command's arguments are hidden, and a module that ends the process sets the exit code of a failed command.
 */
function watchImport(specifier: string, seconds: number): ImportWatch {
  let fail: (error: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  // Handles a rejection after the import, when nothing awaits the promise any more.
  failed.catch(() => {});
  Server.prototype.listen = function (this: Server): Server {
    fail(new CommandError(`${specifier} starts a server on import. ${ADVICE}`));
    return this;
  };
  const timer = setTimeout(() => {
    fail(
      new CommandError(
        `${specifier} did not load within ${seconds} s. Raise --timeout if it is slow, or look for a top-level await that never settles. ${ADVICE}`,
      ),
    );
  }, seconds * 1000);
  const onExit = (): void => {
    process.exitCode = EXIT.failed;
    const message = `thrift-metrics: ${specifier} ends the process on import. ${ADVICE}\n`;
    writeSync(process.stderr.fd, message);
  };
  const { stdout, stderr, argv } = process;
  const write = stdout.write.bind(stdout);
  stdout.write = stderr.write.bind(stderr);
  // Hides the command's arguments, so that the module does not parse them as its own.
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
 * Creates the series of the exported classes. In the standard dialect, the method decorators of a class without a class
 * decorator learn their class only when it is constructed, which the command does not do.
 */
function bindExportedClasses(namespace: object): void {
  const { default: main } = namespace as { default?: unknown };
  // The namespace of a CommonJS module does not always have all properties of `module.exports`.
  const ofMain = typeof main === 'object' && main !== null ? Object.values(main) : [];
  for (const exported of new Set<unknown>([...Object.values(namespace), ...ofMain])) {
    bindWithBases(exported);
  }
}

function bindWithBases(exported: unknown): void {
  const runtime = currentRuntime();
  let declaringClass = exported;
  while (typeof declaringClass === 'function' && declaringClass !== Function.prototype) {
    if (typeof declaringClass.prototype === 'object' && declaringClass.prototype !== null) {
      const declaration = adoptMethods(runtime, declaringClass);
      if (declaration.methods.some(({ plan }) => !plan.ready)) {
        bindAll(runtime, declaration, declaringClass);
      }
    }
    declaringClass = Object.getPrototypeOf(declaringClass);
  }
}
