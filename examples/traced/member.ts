import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import type { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';

/** Where a process of the example listens. */
export interface Addresses {
  readonly port: number;
  /** The metrics server of a Thrift service. */
  readonly metrics?: string;
}

/** The port of the service that this one calls. */
export function nextPort(): number {
  return Number(process.argv[2]);
}

export async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Sends the addresses to main.ts. Exports the remaining spans and exits when main.ts disconnects. */
export function join(addresses: Addresses, provider: NodeTracerProvider): void {
  process.once('disconnect', () => {
    void provider.shutdown().finally(() => process.exit());
  });
  process.send?.(addresses);
}
