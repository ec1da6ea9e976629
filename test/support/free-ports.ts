import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';

/** Returns different ports that are free. */
export async function takePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => once(server.close(), 'close')));
  return ports;
}

/** Replaces these ports in a text with free ones, so that a page can be followed while its own ports are in use. */
export async function freePorts(ports: readonly number[]): Promise<(text: string) => string> {
  const free = await takePorts(ports.length);
  return (text) =>
    text.replaceAll(/\b\d{4}\b/g, (port) => String(free[ports.indexOf(Number(port))] ?? port));
}
