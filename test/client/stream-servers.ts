import { once } from 'node:events';
import net, { type AddressInfo, type Socket } from 'node:net';

import { onTestFinished } from 'vitest';

import { closeAfterTest, HOST, thriftLibrary, type AnyConnection } from './transports';

/** A port where nobody listens. */
export async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, HOST);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A server that gives what it receives to a function, until the test ends. */
export async function startServer(
  received: (socket: Socket, data: Buffer) => void,
): Promise<number> {
  const sockets = new Set<Socket>();
  const server = net.createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('data', (data) => received(socket, data));
  });
  server.listen(0, HOST);
  await once(server, 'listening');
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

export function connectTo(port: number, options: object = {}): AnyConnection {
  return closeAfterTest(thriftLibrary.createConnection(HOST, port, options));
}
