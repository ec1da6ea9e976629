import type http from 'node:http';
import type { ClientRequest } from 'node:http';

import type { Method } from '../../call/wrap';
import { faults } from '../../registry/faults';

/**
 * Hands `caught` the first request that is made while `action` runs. Thrift keeps no reference to it, so the module's
 * function is another one until it has been called.
 */
export function catchRequest<T>(
  module: Pick<typeof http, 'request'>,
  action: () => T,
  caught: (request: ClientRequest) => void,
): T {
  const { request } = module;
  const catching: Method = (...args) => {
    restore();
    const made = Reflect.apply(request, module, args) as ClientRequest;
    try {
      caught(made);
    } catch (error) {
      faults.report('client request', error);
    }
    return made;
  };
  const restore = (): void => {
    // Whoever has put another one there meanwhile keeps it.
    if (module.request === catching) Reflect.set(module, 'request', request);
  };
  Reflect.set(module, 'request', catching);
  try {
    return action();
  } finally {
    restore();
  }
}
