import { dirname, join } from 'node:path';

import type { Method } from '../../recording/wrap';
import type { GeneratedClient } from '../generated';
import type { ClientConnection, Connection } from './connection';

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

/** The prototype of a connection class. */
export interface ConnectionPrototype {
  write: Method;
}

/** Thrift's modules that export connection classes. */
const MODULES = ['connection', 'http_connection', 'ws_connection', 'xhr_connection'];

const CLASSES = [
  'Connection',
  'StdIOConnection',
  'HttpConnection',
  'WSConnection',
  'XHRConnection',
] as const;

const found = new WeakMap<object, readonly ConnectionPrototype[]>();

/** The prototypes of the connection classes in all copies of `thrift` that are loaded, looked for once for each class of transports. */
export function connectionPrototypes(transport: object): readonly ConnectionPrototype[] {
  const transportClass = (Object.getPrototypeOf(transport) ?? transport) as object;
  let prototypes = found.get(transportClass);
  if (prototypes === undefined) {
    prototypes = [...new Set(loadedModules().flatMap(prototypesIn))];
    found.set(transportClass, prototypes);
  }
  return prototypes;
}

function loadedModules(): unknown[] {
  const modules: unknown[] = [];
  try {
    // Where a bundler has put the program into one file, this is its copy, and the cache below has none.
    modules.push(require('thrift'));
  } catch {
    // Then there is another one, or none.
  }
  // Some bundlers leave nothing here.
  const cache = (require.cache as typeof require.cache | undefined) ?? {};
  for (const file of Object.keys(cache)) {
    if (!/[\\/]create_client\.js$/.test(file)) continue;
    for (const name of MODULES) modules.push(cache[join(dirname(file), `${name}.js`)]?.exports);
  }
  return modules;
}

function prototypesIn(module: unknown): ConnectionPrototype[] {
  const exported = Object(module) as Record<string, unknown>;
  return CLASSES.flatMap((name) => {
    const { prototype } = Object(exported[name]) as { prototype?: ConnectionPrototype };
    return typeof prototype?.write === 'function' ? [prototype] : [];
  });
}
