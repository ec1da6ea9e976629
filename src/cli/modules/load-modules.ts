import { setImmediate } from 'node:timers/promises';

import { declaredMethods, type DeclaredMethod } from '../../decorators/declared-methods';
import { ThriftMetricsError } from '../../errors';
import { STATE_KEY } from '../../registry/state';
import { bindExportedClasses } from './bind-exported-classes';
import { CommandError } from '../command-error';
import { importFrom } from './import-from';
import { firstLine } from '../printable';
import { watchImport } from './watch-import';

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
  const declared = declaredMethods();
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
  const own = Symbol.keyFor(STATE_KEY);
  const other = Object.getOwnPropertySymbols(globalThis)
    .map((symbol) => Symbol.keyFor(symbol) ?? '')
    .find((key) => key.startsWith('thrift-metrics.state.') && key !== own);
  if (other !== undefined) {
    return `${names}: loaded with a version of thrift-metrics that this command cannot read; run the command of that version: npx thrift-metrics in its project`;
  }
  return `${names}: no decorated class found. Looked for classes with Instrumented, Counted, Timed, ErrorsCounted or InFlight that are evaluated when the module is imported, and for instrumentHandler; a class without a class decorator has to be exported`;
}
