import type { ClientLibrary, ThriftVersion } from './versions';

/** One combination of library versions that the package supports. */
export interface Cell {
  readonly thrift: ThriftVersion;
  readonly client: ClientLibrary;
}

export function titleOf({ thrift, client }: Cell): string {
  return `thrift ${thrift}, ${client.name} ${client.version}`;
}
