import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

import {
  checkOptions,
  isNonEmptyString,
  isObject,
  type OptionCheck,
  type OptionTable,
} from '../validation/checks';
import type { EndpointStatus } from '../tools/status/process-status';
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

/** Reminds of the most frequent reason for a secret that no client can send. */
const TRIM = 'If the value comes from a file that ends in a newline, trim it';

const checkNonEmpty = mustBeSet(isNonEmptyString, 'a non-empty string');

const BASIC_OPTIONS: OptionTable<BasicAuth> = {
  username: mustBeSet(
    isUsername,
    `a non-empty string without a colon or control characters. ${TRIM}`,
  ),
  password: both(
    checkNonEmpty,
    mustBeSet(isWithoutControls, `a string without control characters, such as newlines. ${TRIM}`),
  ),
};

const TOKEN_OPTIONS: OptionTable<TokenAuth> = {
  token: both(
    checkNonEmpty,
    mustBeSet(
      isToken,
      `printable ASCII characters without spaces, because clients cannot send another token. ${TRIM}`,
    ),
  ),
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

/** Names the form of an option that {@link checkAuth} accepts. */
export function authKind(auth: Auth | undefined): EndpointStatus['auth'] {
  if (auth === undefined) return 'none';
  if (typeof auth === 'function') return 'function';
  return 'token' in auth ? 'token' : 'basic';
}

/** Decides whether a request is answered. */
export interface Guard {
  /** The WWW-Authenticate header of the answer to a request that is not allowed. */
  readonly challenge: string;
  /** Whether the live page asks for the token, because a browser cannot. */
  readonly asksForToken: boolean;
  /** Answers `true` to allow the request. Untyped, because a function of the user may answer anything. */
  allows(request: IncomingMessage): unknown;
}

const OPEN: Guard = { challenge: '', asksForToken: false, allows: () => true };

const BEARER = 'Bearer realm="metrics"';

/** Creates the guard for an option that {@link checkAuth} accepts. Without the option, it allows every request. */
export function createGuard(auth: Auth | undefined): Guard {
  if (auth === undefined) return OPEN;
  if (typeof auth === 'function') return { challenge: BEARER, asksForToken: false, allows: auth };
  if ('token' in auth) {
    const allows = requires(`bearer ${auth.token}`);
    return { challenge: BEARER, asksForToken: true, allows };
  }
  const credentials = Buffer.from(`${auth.username}:${auth.password}`).toString('base64');
  return {
    challenge: 'Basic realm="metrics", charset="UTF-8"',
    asksForToken: false,
    allows: requires(`basic ${credentials}`),
  };
}

/** Accepts what every client can send as one word, a little more than the syntax of RFC 6750. */
function isToken(value: unknown): boolean {
  return typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);
}

/** HTTP Basic ends the user name at the first colon. */
function isUsername(value: unknown): boolean {
  return isNonEmptyString(value) && isWithoutControls(value) && !(value as string).includes(':');
}

/** HTTP Basic allows no control characters: https://www.rfc-editor.org/rfc/rfc7617#section-2 */
function isWithoutControls(value: unknown): boolean {
  return !/\p{Cc}/u.test(value as string);
}

function both(first: OptionCheck, second: OptionCheck): OptionCheck {
  return (where, name, value) => {
    first(where, name, value);
    second(where, name, value);
  };
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
