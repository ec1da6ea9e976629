import type { Connection, TClientConstructor } from 'thrift';

import { thrift, type Service } from '../support/start-thrift';
import type { Client as LibraryClient } from './gen-nodejs/Library.js';
import type * as libraryTypes from './gen-nodejs/library_types.js';
import type * as shelfTypes from './gen-nodejs/shelf_types.js';
import { mainOutputs, outputs, runsAll, type Output } from './outputs';

/** The methods of the library service, and of the shelf service that it extends. */
export type Method = keyof LibraryClient;

export type Call = (method: Method, ...args: unknown[]) => Promise<unknown>;

/** The exceptions, structs and enums of both IDL files. */
export type Types = typeof libraryTypes & typeof shelfTypes;

/** The output of Thrift's compiler for the library service, loaded. */
export interface Generated extends Output {
  readonly service: Service;
  readonly types: Types;
  createClient(connection: Connection): Call;
}

export type AnyClient = Record<Method, (...args: unknown[]) => Promise<unknown>>;
type Clients = { Client: TClientConstructor<AnyClient> };

/** What most tests run with: the newest output in each style, or in the matrix all that work with this `thrift`. */
export function loadOutputs(): Generated[] {
  return (runsAll ? outputs : mainOutputs).map(load);
}

export function loadEs6(): Generated {
  return load(mainOutputs[0]);
}

export function loadEs5(): Generated {
  return load(mainOutputs[1]);
}

export function load(output: Output): Generated {
  const service = loadFile(output, 'Library.js') as Service & Clients;
  return {
    ...output,
    service,
    types: {
      ...(loadFile(output, 'library_types.js') as typeof libraryTypes),
      ...(loadFile(output, 'shelf_types.js') as typeof shelfTypes),
    },
    createClient(connection) {
      const client = thrift.createClient(service.Client, connection);
      return (method, ...args) => callOf(output)(client, method, args);
    },
  };
}

type MakeCall = (client: AnyClient, method: Method, args: unknown[]) => Promise<unknown>;

/** Calls a generated client: ES6 clients return promises, and ES5 clients take a callback. */
export function callOf({ isEs6 }: Output): MakeCall {
  if (isEs6) return async (client, method, args) => client[method](...args);
  return (client, method, args) =>
    new Promise((resolve, reject) => {
      void client[method](...args, (error: Error | null, result: unknown) =>
        error === null ? resolve(result) : reject(error),
      );
    });
}

function loadFile({ folder, promises }: Output, file: string): unknown {
  // Output of compilers before 0.24 reads `thrift.Q` once, when it is loaded. Thrift had it before 0.24.
  if (promises === 'Q' && !Object.hasOwn(thrift, 'Q')) {
    Object.assign(thrift, { Q: require('q') as unknown });
    hideDeprecationsOfQ();
  }
  return require(`${folder}/${file}`) as unknown;
}

/** Generated code calls `Q.fcall`, and Q prints a deprecation warning at every call. */
function hideDeprecationsOfQ(): void {
  const { warn } = console;
  console.warn = (...parts: unknown[]) => {
    if (!String(parts[0]).startsWith('fcall is deprecated')) warn(...parts);
  };
}
