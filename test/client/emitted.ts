import type { AnyConnection } from './transports';

/** Resolves with the argument of an event once it has been emitted: `once` of Node would reject with an `error`. */
export const emitted = (connection: AnyConnection, event: string): Promise<unknown> =>
  new Promise((resolve) => void connection.once(event, resolve));
