import type { Method } from '../../call/wrap';
import type { ClientConnection, Connection } from './client-connection';
import { connectionPrototypes } from './connection-prototypes';
import type { GeneratedClient } from './generated-client';

/**
 * Tells `found` of the connection that a client's `send_…` writes to, and has what it returns do the writing. The client has
 * no reference to its connection, only a closure of `createClient` has; so the connection classes get another `write` until
 * the first is called.
 */
export function findConnection(
  client: GeneratedClient,
  send: () => unknown,
  found: (connection: Connection) => ClientConnection | null,
): unknown {
  const restores: (() => void)[] = [];
  const restore = (): void => {
    for (const each of restores.splice(0)) each();
  };
  for (const prototype of connectionPrototypes(client.output)) {
    const { write } = prototype;
    const catching: Method = function () {
      if (!isConnectionOf(this as object, client)) return Reflect.apply(write, this, arguments);
      restore();
      const connection = found(this as Connection);
      if (connection === null) return Reflect.apply(write, this, arguments);
      return connection.write(write, arguments);
    };
    Reflect.set(prototype, 'write', catching);
    restores.push(() => {
      // Whoever has put another one there meanwhile keeps it.
      if (prototype.write === catching) Reflect.set(prototype, 'write', write);
    });
  }
  try {
    return send();
  } finally {
    restore();
  }
}

/** A callback that runs within `send` may write to another connection. */
function isConnectionOf(connection: object, client: GeneratedClient): boolean {
  const { client: owner } = connection as { client?: unknown };
  // With a Multiplexer there is one client for each service name.
  return owner === client || Object.values(Object(owner) as object).includes(client);
}
