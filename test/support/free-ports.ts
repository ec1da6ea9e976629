import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** Replaces these ports in a text with free ones, so that a page can be followed while its own ports are in use. */
export async function freePorts(ports: readonly number[]): Promise<(text: string) => string> {
  const servers = await Promise.all(
    ports.map(async () => {
      const server = createServer().listen(0);
      await once(server, 'listening');
      return server;
    }),
  );
  const free = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return (text) =>
    text.replaceAll(/\b\d{4}\b/g, (port) => String(free[ports.indexOf(Number(port))] ?? port));
}
