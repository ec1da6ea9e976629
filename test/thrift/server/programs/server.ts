import type { AddressInfo, Server, Socket } from 'node:net';

import { configureMetrics, instrumentServer } from '../../../../src/index';
import { thrift, type Service } from '../../../support/start-thrift';

// Arguments: the kind of server, then any of `instrumented`, `listening` (to errors) and `surviving` (uncaught errors).
const [kind, ...options] = process.argv.slice(2);
const { createWebServer } = thrift as unknown as { createWebServer(options: object): Server };

const Library = require('../../gen-nodejs/Library.js') as Service;
const handler = { ping: (done: (error: null) => void) => done(null) };
const layers = { transport: thrift.TFramedTransport };

const server =
  kind === 'http'
    ? createWebServer({ services: { '/thrift': { processor: Library, handler, ...layers } } })
    : (thrift.createServer(Library, handler, layers) as Server);

configureMetrics({ onError: () => {} });
if (options.includes('instrumented')) instrumentServer(server);
if (options.includes('listening')) {
  server.on('error', (error: Error) => console.log(`error: ${error.message}`));
}
if (options.includes('surviving')) {
  process.on('uncaughtException', (error) => console.log(`uncaught: ${error.message}`));
}
server.on('connection', (socket: Socket) => {
  socket.on('close', () => console.log('closed'));
});
server.listen(0, '127.0.0.1', () => {
  console.log(`port ${(server.address() as AddressInfo).port}`);
});
