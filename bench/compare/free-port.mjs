import { once } from 'node:events';
import { createServer } from 'node:net';

/** For programs that cannot tell which port they were given. */
export async function freePort() {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
