import { X509Certificate } from 'node:crypto';
import type { SecureContextOptions } from 'node:tls';

import { type Auth, checkAuth } from '../endpoint/auth';
import type { MetricsServerOptions } from '../endpoint/server-options';
import type { FoundSetting, FoundSettings } from './found-settings';
import { createProblem, dangersOf, type Problem } from './problem';
import { decodeText, readBounded } from './read-bounded';
import { type Setting, SETTINGS } from './settings-table';

const SECRET_LIMIT = 64 * 1024;
const CERTIFICATE_LIMIT = 1024 * 1024;

/** A setting and what sets it. */
type Entry = readonly [Setting, FoundSetting];

/** Who can read the metrics, and how they are encrypted. */
export interface Access {
  readonly options: Pick<MetricsServerOptions, 'auth' | 'tls'>;
  readonly problems: readonly Problem[];
}

/** Reads the files that access settings name, and combines the settings to options. The first source takes precedence. */
export function readAccess(sources: readonly FoundSettings[]): Access {
  const problems: Problem[] = [];
  const auth = attempt(problems, () => readAuth(sources));
  const tls = attempt(problems, () => readTls(sources));
  return {
    options: { ...(auth !== undefined && { auth }), ...(tls !== undefined && { tls }) },
    problems,
  };
}

class AccessError extends Error {
  constructor(
    readonly entry: Entry,
    readonly reason: unknown,
  ) {
    super();
  }
}

function attempt<T>(problems: Problem[], read: () => T | undefined): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AccessError)) throw error;
    const { reason, entry } = error;
    const [setting, { source, where }] = entry;
    problems.push(
      createProblem(source, where, reason, 'TM_ERR_OPTION_INVALID', dangersOf(setting)),
    );
    return undefined;
  }
}

/** The settings of one source count together, so that a source can choose another kind of authentication. */
function readAuth(sources: readonly FoundSettings[]): Auth | undefined {
  for (const { settings } of sources) {
    const entries = [...settings].filter(([{ target }]) => target === 'auth');
    const [entry, other] = entries;
    if (entry === undefined) continue;
    if (other !== undefined) {
      const { where } = other[1];
      throw new AccessError(entry, `${where} is set as well. Keep one of them.`);
    }
    return authOf(entry);
  }
  return undefined;
}

function authOf(entry: Entry): Auth {
  const [{ option, kind }, { value, where }] = entry;
  const text = kind.isPath === true ? readSecret(entry) : value;
  let auth: unknown = { token: text };
  if (option.startsWith('basicAuth')) {
    const [, username, password] = /^([^:]*):([^]*)$/.exec(String(text)) ?? [];
    if (username === undefined) {
      throw new AccessError(entry, 'it does not have a colon. Expected user:password.');
    }
    auth = { username, password };
  }
  try {
    checkAuth(where, option, auth);
  } catch (error) {
    throw new AccessError(entry, error);
  }
  return auth as Auth;
}

/** Reads a secret from a file. One newline at the end does not belong to it. */
function readSecret(entry: Entry): string {
  return readFileOf(entry, (path) =>
    decodeText(readBounded(path, SECRET_LIMIT)).replace(/\r?\n$/, ''),
  );
}

function readTls(sources: readonly FoundSettings[]): MetricsServerOptions['tls'] {
  const entries = SETTINGS.filter(({ target }) => target === 'tls').flatMap((setting): Entry[] => {
    const found = sources.map(({ settings }) => settings.get(setting)).find(Boolean);
    return found === undefined ? [] : [[setting, found]];
  });
  const [first] = entries;
  if (first === undefined) return undefined;
  const options: SecureContextOptions = {};
  for (const entry of entries) {
    const name = tlsOptionOf(entry);
    options[name] = readFileOf(entry, (path) => readBounded(path, CERTIFICATE_LIMIT));
    tryTls(entry, { [name]: options[name] }, 'the file. Expected PEM format');
  }
  for (const name of ['cert', 'key'] as const) {
    if (options[name] !== undefined) continue;
    throw new AccessError(
      first,
      `HTTPS needs a certificate and its key, and ${name}File is not set. Set both.`,
    );
  }
  tryTls(first, options, 'the certificate with its key. Set files that belong together');
  return options;
}

/** `certFile` holds the option `cert`. */
function tlsOptionOf([{ option }]: Entry): 'cert' | 'key' | 'ca' {
  return option.replace('File', '') as 'cert' | 'key' | 'ca';
}

/** Tries options now, because a server that cannot start could end the program. */
function tryTls(entry: Entry, options: SecureContextOptions, what: string): void {
  try {
    // Node.js accepts authorities that it cannot read, and no certificate is signed by them.
    if (options.cert === undefined && options.ca !== undefined)
      void new X509Certificate(options.ca as Buffer);
    // Only servers with certificates need the module.
    (require('node:tls') as typeof import('node:tls')).createSecureContext(options);
  } catch (error) {
    throw new AccessError(
      entry,
      `Node.js cannot use ${what}. It says: ${(error as Error).message}.`,
    );
  }
}

function readFileOf<T>(entry: Entry, read: (path: string) => T): T {
  const [{ option }, { value }] = entry;
  if (typeof value !== 'string') {
    throw new AccessError(entry, `${option} is not text. Expected the path of a file.`);
  }
  try {
    return read(value);
  } catch (error) {
    throw new AccessError(entry, `the file '${value}' ${(error as Error).message}`);
  }
}
