import type { ClientLibrary, ThriftVersion } from './versions';

/** One combination of library versions that the package supports. */
export interface Cell {
  readonly thrift: ThriftVersion;
  readonly client: ClientLibrary;
  /** Runs the tests with the output of every compiler that works with this Thrift. @default false */
  readonly runsAllOutputs?: boolean;
}

export function titleOf({ thrift, client, runsAllOutputs }: Cell): string {
  const outputs = runsAllOutputs === true ? ', output of every compiler' : '';
  return `thrift ${thrift}, ${client.name} ${client.version}${outputs}`;
}
