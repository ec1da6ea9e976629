import { once } from 'node:events';

import { onTestFinished } from 'vitest';

import { hangUp, startThrift, thrift } from '../support/start-thrift';
import type { Call, Generated } from './generated';

/** Starts a server with this handler until the test ends, and returns a client of it. */
export async function startLibrary(generated: Generated, handler: object): Promise<Call> {
  const server = await startThrift(generated.service, handler);
  const connection = thrift.createConnection('127.0.0.1', server.port, {});
  onTestFinished(async () => {
    hangUp(connection);
    await server.close();
  });
  await once(connection, 'connect');
  return generated.createClient(connection);
}
