import net, { type Socket } from 'node:net';

import { onTestFinished } from 'vitest';

import { listen } from '../../support/listen';
import { closeAfterTest, HOST, thriftLibrary, type AnyConnection } from './transports';

/** A port on which nothing listens. */
export async function closedPort(): Promise<number> {
  const { port, close } = await listen(net.createServer());
  await close();
  return port;
}

/** Starts a server that passes the data it receives to a function, until the test ends. */
export async function startServer(
  received: (socket: Socket, data: Buffer) => void,
): Promise<number> {
  const server = net.createServer((socket) => {
    socket.on('error', () => {}).on('data', (data) => received(socket, data));
  });
  const { port, close } = await listen(server);
  onTestFinished(close);
  return port;
}

export function connectTo(port: number, options: object = {}): AnyConnection {
  return closeAfterTest(thriftLibrary.createConnection(HOST, port, options));
}
