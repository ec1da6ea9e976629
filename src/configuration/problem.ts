import { type ErrorCode, ThriftMetricsError } from '../validation/errors';
import { nearestName } from '../validation/nearest-name';
import type { Setting } from './settings-table';

/** The sources of settings outside the program. Each takes precedence over those after it. */
export type Source = 'environment' | 'file';

/** Something wrong in a source. */
export interface Problem {
  readonly source: Source;
  /** The variable, or the file with the line. */
  readonly where: string;
  readonly error: ThriftMetricsError;
  /** Access settings that may be meant, so that the endpoint must not be open. */
  readonly endangers: ReadonlySet<'auth' | 'tls'>;
}

/** Creates a problem. `error` is what a check has thrown, or a sentence about `where`. */
export function createProblem(
  source: Source,
  where: string,
  error: unknown,
  code: ErrorCode = 'TM_ERR_OPTION_INVALID',
  endangers: ReadonlySet<'auth' | 'tls'> = new Set(),
): Problem {
  const message = error instanceof Error ? error.message : `${where}: ${String(error)}`;
  const coded = error instanceof ThriftMetricsError ? error.code : code;
  const reported = new ThriftMetricsError(coded, printable(message));
  // The sentence says everything. The stack would only show where this package reads settings.
  reported.stack = `${reported.name}: ${reported.message}`;
  return { source, where, error: reported, endangers };
}

/**
 * Creates the problem of a name that no setting has. `nameOf` returns the name of a setting in the source. `known` is the
 * setting that is meant, if that is clear.
 */
export function createUnknown(
  source: Source,
  where: string,
  name: string,
  settings: readonly Setting[],
  nameOf: (setting: Setting) => string,
  known?: Setting,
): Problem {
  const names = settings.map(nameOf);
  const nearest = nearestName(name, names);
  const meant = known ?? settings.find((setting) => nameOf(setting) === nearest);
  const advice = meant === undefined ? '' : ` Did you mean '${nameOf(meant)}'?`;
  const what = source === 'file' ? `the key '${name}'` : 'this environment variable';
  return createProblem(
    source,
    where,
    `${what} is unknown.${advice} Allowed: ${names.join(', ')}.`,
    'TM_ERR_OPTION_UNKNOWN',
    meant === undefined ? new Set() : dangersOf(meant),
  );
}

/** The access settings that a setting belongs to. */
export function dangersOf({ target }: Setting): ReadonlySet<'auth' | 'tls'> {
  return new Set(target === 'auth' || target === 'tls' ? [target] : []);
}

/** Keeps a message on one line, and text of a file from controlling a terminal. */
function printable(message: string): string {
  return message.replaceAll(/\p{Cc}/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `\\x${code.toString(16).padStart(2, '0')}`;
  });
}
