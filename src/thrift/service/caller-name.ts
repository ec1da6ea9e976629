import type { ReceivedContext } from '../../recording/call-message';
import { callerIn } from '../../recording/caller';
import type { ServerConnection } from '../current-connection';
import { isHeaderProtocol, type Protocol } from '../wire';
import { headersOf } from './context-reader';

// Headers of `THeaderProtocol` that name the caller.

/** Set by fbthrift, together with the version. */
const IDENTITY = 'identity';
const IDENTITY_VERSION = 'id_version';
const KNOWN_VERSION = '1';

/** Set by Reddit's baseplate. */
const USER_AGENT = 'User-Agent';

/**
 * The name of the caller of a message, or null: what the message says, or else the certificate that the client has
 * presented. A message whose context is rejected says nothing.
 */
export function callerNameOf(
  input: Protocol,
  context: ReceivedContext | null,
  connection: ServerConnection | null,
): string | null {
  return nameInMessage(input, context) ?? named(connection?.certificateName);
}

function nameInMessage(input: Protocol, context: ReceivedContext | null): string | null {
  if (context === null || context.rejection !== null) return null;
  const name = named(callerIn(context.carrier));
  if (name !== null || !isHeaderProtocol(input)) return name;
  const headers = headersOf(input);
  if (headers === null || headers.rejection !== null) return null;
  const { carrier } = headers;
  const identity = carrier[IDENTITY_VERSION] === KNOWN_VERSION ? named(carrier[IDENTITY]) : null;
  return identity ?? named(carrier[USER_AGENT]);
}

function named(text: string | null | undefined): string | null {
  const name = text?.trim() ?? '';
  return name === '' ? null : name;
}
