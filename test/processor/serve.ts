import type { Server } from 'node:net';

import { afterAll, onTestFinished } from 'vitest';

import { listen } from '../support/listen';
import { thrift, type Service } from '../support/start-thrift';
import { connectRaw, type RawClient } from './raw-client';
import { wireOptions, type Wire } from './wire';

/** What the types of `thrift` leave out. */
export const multiplexing = thrift as unknown as {
  createMultiplexServer(processor: object, options: object): Server;
  readonly MultiplexedProcessor: new () => {
    registerProcessor(name: string, processor: object): void;
  };
};

export interface Served {
  readonly server: Server;
  /** What the server emitted as `error`. */
  readonly errors: unknown[];
  /** A connection until the test ends. */
  connect(): Promise<RawClient>;
}

/** A real server that speaks like this, on a free port until the test ends. */
export function serve(service: Service, handler: object, wire: Wire): Promise<Served> {
  return start(thrift.createServer(service, handler, wireOptions(wire)) as Server, wire);
}

/** The same of a server that is made already. */
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

/** One connection to a server, both of which are there until all tests have ended. */
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
