import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { checkOptions, isNonEmptyString, isObject, type OptionTable } from '../validation/checks';
import { checkAllSet, mustBeSet } from './access-option';

/**
 * Who can read the metrics: a user with HTTP Basic authentication, a client with a bearer token, or every request for which
 * a function returns `true`. User names, passwords and tokens are compared in constant time.
 */
export type Auth =
  | { readonly username: string; readonly password: string }
  | { readonly token: string }
  | ((request: IncomingMessage) => boolean | Promise<boolean>);

type BasicAuth = Extract<Auth, { readonly username: string }>;
type TokenAuth = Extract<Auth, { readonly token: string }>;

const BASIC_OPTIONS: OptionTable<BasicAuth> = {
  username: mustBeSet(isUsername, 'a non-empty string without a colon'),
  password: mustBeSet(isNonEmptyString, 'a non-empty string'),
};

const TOKEN_OPTIONS: OptionTable<TokenAuth> = {
  token: mustBeSet(isNonEmptyString, 'a non-empty string'),
};

const checkForm = mustBeSet(
  isObject,
  'an object with username and password, an object with token, or a function',
);

/** @throws {@link ThriftMetricsError} if the option `auth` is wrong. */
export function checkAuth(where: string, name: string, auth: unknown): void {
  if (typeof auth === 'function') return;
  checkForm(where, name, auth);
  const inAuth = `${where}: ${name}`;
  checkOptions(inAuth, auth, [...Object.keys(BASIC_OPTIONS), ...Object.keys(TOKEN_OPTIONS)]);
  if ('token' in (auth as object)) checkAllSet(inAuth, auth, TOKEN_OPTIONS);
  else checkAllSet(inAuth, auth, BASIC_OPTIONS);
}

/** Decides whether a request is answered. */
export interface Guard {
  /** The WWW-Authenticate header of the answer to a request that is not allowed. */
  readonly challenge: string;
  allows(request: IncomingMessage): boolean | Promise<boolean>;
}

const OPEN: Guard = { challenge: '', allows: () => true };

/** Creates the guard for an option that {@link checkAuth} accepts. Without the option, it allows every request. */
export function createGuard(auth: Auth | undefined): Guard {
  if (auth === undefined) return OPEN;
  if (typeof auth === 'function') return { challenge: 'Bearer realm="metrics"', allows: auth };
  if ('token' in auth) {
    return { challenge: 'Bearer realm="metrics"', allows: requires(`bearer ${auth.token}`) };
  }
  const credentials = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  return {
    challenge: 'Basic realm="metrics", charset="UTF-8"',
    allows: requires(`basic ${credentials}`),
  };
}

/** HTTP Basic ends the user name at the first colon. */
function isUsername(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.includes(':');
}

function requires(authorization: string): (request: IncomingMessage) => boolean {
  const expected = digest(authorization);
  return (request) => {
    const [scheme = '', ...rest] = (request.headers.authorization ?? '').trim().split(/ +/);
    // A comparison in constant time needs equal lengths, which digests have.
    return timingSafeEqual(digest(`${scheme.toLowerCase()} ${rest.join(' ')}`), expected);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
