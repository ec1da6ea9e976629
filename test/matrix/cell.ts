import type { ClientLibrary, ThriftVersion } from './versions';

/** One combination that the package has to work in. */
export interface Cell {
  readonly thrift: ThriftVersion;
  readonly client: ClientLibrary;
}

export function titleOf({ thrift, client }: Cell): string {
  return `thrift ${thrift}, ${client.name} ${client.version}`;
}
