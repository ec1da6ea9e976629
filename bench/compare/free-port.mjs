import { once } from 'node:events';
import { createServer } from 'node:net';

/** Finds a free port, for programs that cannot report which port they listen on. */
export async function freePort() {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
