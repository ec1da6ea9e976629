import { dirname, join } from 'node:path';

import type { Method } from '../../recording/wrap';
import { definePart } from '../../runtime/runtime';
import type { GeneratedClient } from '../generated';
import { replaceTemporarily } from '../method-replacement';
import type { ClientConnection, Connection } from './connection';

/**
 * Passes the connection that a client's `send_…` writes to to `found`, and writes through the observer that `found`
 * returns. A client has no reference to its connection, only a closure of `createClient` has. So `write` of the connection
 * classes is replaced until it is called.
 */
export function findConnection(
  prototypes: ConnectionPrototypes,
  client: GeneratedClient,
  send: () => unknown,
  found: (connection: Connection) => ClientConnection | null,
): unknown {
  const restores: (() => void)[] = [];
  const restoreAll = (): void => {
    for (const restore of restores.splice(0)) restore();
  };
  for (const prototype of prototypes.of(client.output)) {
    const { write } = prototype;
    const catching: Method = function () {
      if (!isConnectionOf(this as object, client)) return Reflect.apply(write, this, arguments);
      restoreAll();
      const connection = found(this as Connection);
      if (connection === null) return Reflect.apply(write, this, arguments);
      return connection.write(write, arguments);
    };
    restores.push(replaceTemporarily(prototype, 'write', catching));
  }
  try {
    return send();
  } finally {
    restoreAll();
  }
}

/** Whether a connection belongs to the client. A callback that runs during `send` may write to another one. */
function isConnectionOf(connection: object, client: GeneratedClient): boolean {
  const { client: own } = connection as { client?: unknown };
  // With a Multiplexer, a connection has one client per service name.
  return own === client || Object.values(Object(own) as object).includes(client);
}

/** The prototype of a connection class. */
export interface ConnectionPrototype {
  write: Method;
}

/** Thrift's modules that export connection classes. */
const MODULES = ['connection', 'http_connection', 'ws_connection', 'xhr_connection'] as const;

const CLASSES = [
  'Connection',
  'StdIOConnection',
  'HttpConnection',
  'WSConnection',
  'XHRConnection',
] as const;

/** The prototypes of the connection classes in every loaded copy of `thrift`. */
export class ConnectionPrototypes {
  private readonly byTransport = new WeakMap<object, readonly ConnectionPrototype[]>();

  /** Searches once per class of transports, because each copy of `thrift` has its own classes. */
  of(transport: object): readonly ConnectionPrototype[] {
    const transportClass = (Object.getPrototypeOf(transport) ?? transport) as object;
    let prototypes = this.byTransport.get(transportClass);
    if (prototypes === undefined) {
      prototypes = [...new Set(loadedModules().flatMap(prototypesIn))];
      this.byTransport.set(transportClass, prototypes);
    }
    return prototypes;
  }
}

export const connectionPrototypesOf = definePart(
  'thrift.connection-prototypes',
  () => new ConnectionPrototypes(),
);

function loadedModules(): unknown[] {
  const modules: unknown[] = [];
  try {
    // If a bundler has put the program into one file, this is its copy, which the cache below does not contain.
    modules.push(require('thrift'));
  } catch {
    // The program has no copy here. It may still have loaded one from another folder.
  }
  // Some bundlers remove the cache.
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
