import { definePart } from '../../runtime/runtime';

/** What `thrift-metrics/auto` measures of a program. A change applies to clients and servers that are created later. */
export interface MeasuredParts {
  clients: boolean;
  connections: boolean;
}

export const measuredPartsOf = definePart('thrift.measuredParts', (): MeasuredParts => ({
  clients: true,
  connections: true,
}));
