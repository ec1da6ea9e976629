import type { Connection, TClientConstructor } from 'thrift';

import { thrift, type Service } from '../support/start-thrift';
import type { Client as LibraryClient } from './gen-nodejs/Library.js';
import type * as libraryTypes from './gen-nodejs/library_types.js';
import type * as shelfTypes from './gen-nodejs/shelf_types.js';

/** The methods of the library service, and of the shelf service that it extends. */
export type Method = keyof LibraryClient;

export type Call = (method: Method, ...args: unknown[]) => Promise<unknown>;

/** The exceptions, structs and enums of both IDL files. */
export type Types = typeof libraryTypes & typeof shelfTypes;

/** The output of Thrift's compiler for the library service, in one style of JavaScript. */
export interface Generated {
  readonly style: 'ES6' | 'ES5';
  readonly service: Service;
  readonly types: Types;
  createClient(connection: Connection): Call;
}

type AnyClient = Record<Method, (...args: unknown[]) => unknown>;
type Clients = { Client: TClientConstructor<AnyClient> };

export function loadEs6(): Generated {
  return load('ES6', './gen-nodejs', async (client, method, args) => client[method](...args));
}

/** Without `thrift.Q` only handlers in callback style work. Generated code reads it once, when it is loaded. */
export function loadEs5({ promises }: { promises: boolean }): Generated {
  if (promises) {
    Object.assign(thrift, { Q: require('q') as unknown });
    hideDeprecationsOfQ();
  }
  return load(
    'ES5',
    './gen-nodejs-es5',
    (client, method, args) =>
      new Promise((resolve, reject) => {
        client[method](...args, (error: Error | null, result: unknown) =>
          error === null ? resolve(result) : reject(error),
        );
      }),
  );
}

/** Generated code calls `Q.fcall`, and Q prints a deprecation warning at every call. */
function hideDeprecationsOfQ(): void {
  const { warn } = console;
  console.warn = (...parts: unknown[]) => {
    if (!String(parts[0]).startsWith('fcall is deprecated')) warn(...parts);
  };
}

function load(
  style: Generated['style'],
  folder: string,
  call: (client: AnyClient, method: Method, args: unknown[]) => Promise<unknown>,
): Generated {
  const service = require(`${folder}/Library.js`) as Service & Clients;
  return {
    style,
    service,
    types: {
      ...(require(`${folder}/library_types.js`) as typeof libraryTypes),
      ...(require(`${folder}/shelf_types.js`) as typeof shelfTypes),
    },
    createClient(connection) {
      const client = thrift.createClient(service.Client, connection);
      return (method, ...args) => call(client, method, args);
    },
  };
}
