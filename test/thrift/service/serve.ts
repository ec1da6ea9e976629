import type { Server } from 'node:net';

import { afterAll, onTestFinished } from 'vitest';

import { listen } from '../../support/listen';
import { thrift, type Service } from '../../support/start-thrift';
import { connectRaw, type RawClient } from './raw-client';
import { wireOptions, type Wire } from './wire';

/** Missing from @types/thrift. */
export const multiplexing = thrift as unknown as {
  createMultiplexServer(processor: object, options: object): Server;
  readonly MultiplexedProcessor: new () => {
    registerProcessor(name: string, processor: object): void;
  };
};

export interface Served {
  readonly server: Server;
  /** The `error` events of the server. */
  readonly errors: unknown[];
  /** Opens a connection that closes when the test ends. */
  connect(): Promise<RawClient>;
}

/** Starts a real server with this wire, on a free port until the test ends. */
export function serve(service: Service, handler: object, wire: Wire): Promise<Served> {
  return start(thrift.createServer(service, handler, wireOptions(wire)) as Server, wire);
}

/** Does the same with an existing server. */
export async function start(server: Server, wire: Wire): Promise<Served> {
  const { errors, close } = await listen(server);
  onTestFinished(close);
  return {
    server,
    errors,
    async connect() {
      const client = await connectRaw(server, wire);
      onTestFinished(() => void client.socket.destroy());
      return client;
    },
  };
}

/** Starts a server and connects to it; both stay until all tests have ended. */
export async function listenUntilTheEnd(
  service: Service,
  handler: object,
  wire: Wire,
): Promise<RawClient> {
  const server = thrift.createServer(service, handler, wireOptions(wire)) as Server;
  const { close } = await listen(server);
  const client = await connectRaw(server, wire);
  afterAll(async () => {
    client.socket.destroy();
    await close();
  });
  return client;
}
