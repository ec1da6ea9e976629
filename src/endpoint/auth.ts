import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { ServerOptions } from 'node:https';

import { ThriftMetricsError } from '../validation/errors';
import { checkOptions, isNonEmptyString, isObject, show } from '../validation/checks';

/**
 * Who may read: HTTP Basic, a bearer token, or a function that says yes to a request. Names, passwords and tokens are
 * compared in constant time.
 */
export type Auth =
  | { readonly username: string; readonly password: string }
  | { readonly token: string }
  | ((request: IncomingMessage) => boolean | Promise<boolean>);

/** Says whether a request may be answered, and what to demand if not. */
export interface Guard {
  /** Value of WWW-Authenticate. */
  readonly challenge: string;
  allows(request: IncomingMessage): boolean | Promise<boolean>;
}

const OPEN: Guard = { challenge: '', allows: () => true };

export function createGuard(where: string, auth: Auth | undefined): Guard {
  if (auth === undefined) return OPEN;
  if (typeof auth === 'function') return { challenge: 'Bearer realm="metrics"', allows: auth };
  requireOption(where, 'auth', auth, isObject, 'an object or a function');
  const part = `${where}: auth`;
  checkOptions(part, auth, ['username', 'password', 'token']);
  if ('token' in auth) {
    checkOptions(part, auth, ['token']);
    requireOption(part, 'token', auth.token, isNonEmptyString, 'a non-empty string');
    return {
      challenge: 'Bearer realm="metrics"',
      allows: comparator(`bearer ${auth.token}`),
    };
  }
  const { username, password } = auth;
  requireOption(part, 'username', username, isUsername, 'a non-empty string without a colon');
  requireOption(part, 'password', password, isNonEmptyString, 'a non-empty string');
  const credentials = Buffer.from(`${username}:${password}`).toString('base64');
  return {
    challenge: 'Basic realm="metrics", charset="UTF-8"',
    allows: comparator(`basic ${credentials}`),
  };
}

/** HTTP Basic ends the name at the first colon. */
function isUsername(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && !value.includes(':');
}

function comparator(expected: string): (request: IncomingMessage) => boolean {
  const wanted = digest(expected);
  return (request) => {
    const [scheme = '', ...rest] = (request.headers.authorization ?? '').trim().split(/ +/);
    // Digests have one length, which a comparison in constant time needs.
    return timingSafeEqual(digest(`${scheme.toLowerCase()} ${rest.join(' ')}`), wanted);
  };
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Refuses an option that decides who may read, where its key is there and its value is not: what an unset or empty
 * environment variable gives must not open the endpoint. Any other value is not shown, since it could be a secret.
 */
export function requireOption(
  where: string,
  name: string,
  value: unknown,
  valid: (value: unknown) => boolean,
  expected: string,
): void {
  if (valid(value)) return;
  const isEmpty = value === undefined || value === null || value === '';
  const found = isEmpty ? show(value) : `of type ${typeof value}`;
  throw new ThriftMetricsError(
    'TM_ERR_OPTION_INVALID',
    `${where}: option '${name}' is ${found}; ${expected} is expected`,
  );
}

/** Refuses options for HTTPS without a certificate, and those that are named and have no value. */
export function checkTls(where: string, tls: ServerOptions): void {
  requireOption(where, 'tls', tls, isObject, 'an object with cert and key');
  for (const [name, value] of Object.entries(tls)) {
    // Without one, an encrypted key cannot be used at all, and others need none.
    if (name === 'passphrase') continue;
    requireOption(`${where}: tls`, name, value, isGiven, 'a value, or no such key,');
  }
  const { cert, key, pfx, SNICallback } = tls;
  // Node would listen without one, and then fail each handshake.
  if ((cert === undefined || key === undefined) && pfx === undefined && SNICallback === undefined) {
    throw new ThriftMetricsError('TM_ERR_TLS', `${where}: tls: cert and key are both needed`);
  }
}

/** Node takes what is empty for what is not there: with `ca: ''` it trusts all public authorities. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
