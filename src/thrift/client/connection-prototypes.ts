import { dirname, join } from 'node:path';

import type { Method } from '../../call/wrap';

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
