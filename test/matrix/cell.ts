import type { ClientLibrary, RuntimeName, ThriftVersion } from './versions';

/** One combination of library versions, and the runtime that they run on. */
export interface Cell {
  readonly thrift: ThriftVersion;
  readonly client: ClientLibrary;
  /** @default 'Node.js' */
  readonly runtime?: RuntimeName | 'Node.js';
  /** Runs the tests with the output of every compiler that works with this Thrift. @default false */
  readonly runsAllOutputs?: boolean;
}

export function titleOf({ thrift, client, runsAllOutputs }: Cell): string {
  const outputs = runsAllOutputs === true ? ', output of every compiler' : '';
  return `thrift ${thrift}, ${client.name} ${client.version}${outputs}`;
}
