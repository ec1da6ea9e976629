import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import { checkOptions, isNonEmptyString, isObject } from '../validation/options';
import { requireOption } from './require-option';

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
