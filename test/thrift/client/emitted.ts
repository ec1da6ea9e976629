import type { AnyConnection } from './transports';

/** Resolves with the argument of an event once it is emitted. Node's `once` would reject on an `error` event. */
export const emitted = (connection: AnyConnection, event: string): Promise<unknown> =>
  new Promise((resolve) => void connection.once(event, resolve));
