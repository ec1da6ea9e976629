import { once } from 'node:events';
import { rmSync } from 'node:fs';
import net, { type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls, { type TlsOptions } from 'node:tls';

import { register } from 'prom-client';
import { onTestFinished } from 'vitest';

import { instrumentServer } from '../../../src/index';
import { certify, type Certificate } from '../../support/certify';
import { thrift, type Service } from '../../support/start-thrift';
import { valueOf } from '../../support/value-of';
import { closing } from '../../support/closing';
import { isEncrypted, isWeb, isWebSocket, UPGRADE, type Wire } from './wires';

// Missing from @types/thrift.
const library = thrift as typeof thrift & {
  createWebServer(options: object): Server;
  createMultiplexServer(processor: object, options: object): Server;
};

const certificate = certify('localhost');

const Library = require('../gen-nodejs/Library.js') as Service;

export interface ServerSettings {
  readonly handler?: object;
  readonly service?: Service;
  /** A processor of several services, instead of the one with the handler. */
  readonly multiplexer?: object;
  readonly isFramed?: boolean;
  readonly maxLength?: number;
  readonly protocol?: unknown;
  readonly tls?: TlsOptions;
  /** @default instrumentServer */
  readonly prepare?: (server: Server) => Server;
}

export interface RunningServer {
  readonly server: Server;
  /** The server's ends of the accepted connections, in order. */
  readonly accepted: Socket[];
  /** The `error` events of the server. */
  readonly errors: unknown[];
  readonly port: number;
  /** Opens a connection that sends raw bytes of the wire. */
  connect(): Promise<Socket>;
  /** The server's end of the next accepted connection. */
  nextAccepted(): Promise<Socket>;
}

/** Starts a Thrift server on a free port or path until the test ends. */
export async function startServer(
  wire: Wire,
  settings: ServerSettings = {},
): Promise<RunningServer> {
  const server = create(wire, settings, isEncrypted(wire) ? await certificate : undefined);
  (settings.prepare ?? instrumentServer)(server);
  const accepted: Socket[] = [];
  const errors: unknown[] = [];
  const acceptEvent = isEncrypted(wire) ? 'secureConnection' : 'connection';
  const raw = new Set<Socket>();
  server.on('connection', (socket) => {
    raw.add(socket);
    socket.once('close', () => raw.delete(socket));
  });
  server.on(acceptEvent, (socket: Socket) => accepted.push(socket));
  server.on('error', (error) => errors.push(error));
  // Thrift leaves this to the program. Otherwise the server's end stays open when a client ends, and a reset is uncaught.
  server.on('upgrade', (_, socket: Socket) => {
    socket.on('end', () => socket.end()).on('error', (error) => errors.push(error));
  });
  const path = join(tmpdir(), `thrift-metrics-${process.pid}-${Math.random()}.sock`);
  if (wire === 'unix') server.listen(path);
  else server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(async () => {
    const closings = [...raw, ...accepted].filter(({ closed }) => !closed).map(closing);
    for (const socket of raw) socket.destroy();
    await Promise.all(closings);
    if (server.listening) await new Promise((resolve) => server.close(resolve));
    rmSync(path, { force: true });
    const site = { site: 'server' };
    const faults = await valueOf(register, 'thrift_metrics_internal_errors_total', site);
    if (faults !== undefined && faults > 0) throw new Error(`${faults} faults of metrics code`);
  });
  const port = wire === 'unix' ? 0 : (server.address() as AddressInfo).port;
  return {
    server,
    accepted,
    errors,
    port,
    connect: () => connect(wire, port, path),
    async nextAccepted() {
      const [socket] = (await once(server, acceptEvent)) as [Socket];
      return socket;
    },
  };
}

function create(wire: Wire, settings: ServerSettings, own?: Certificate): Server {
  const { handler = { ping: (done: (error: null) => void) => done(null) } } = settings;
  const { service = Library, multiplexer, isFramed = false } = settings;
  const encryption = own && { ...own, ...settings.tls };
  const layers = {
    transport: isFramed ? thrift.TFramedTransport : thrift.TBufferedTransport,
    protocol: settings.protocol ?? thrift.TBinaryProtocol,
    maxLength: settings.maxLength,
  };
  if (isWeb(wire)) {
    const processor = multiplexer ?? service;
    const offered = { ...layers, processor, ...(multiplexer === undefined && { handler }) };
    return library.createWebServer({ tls: encryption, services: { '/thrift': offered } });
  }
  const options = { ...layers, tls: encryption } as object;
  return multiplexer === undefined
    ? (thrift.createServer(service, handler, options) as Server)
    : library.createMultiplexServer(multiplexer, options);
}

async function connect(wire: Wire, port: number, path: string): Promise<Socket> {
  const socket = isEncrypted(wire)
    ? tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : wire === 'unix'
      ? net.connect(path)
      : net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  onTestFinished(() => void socket.destroy());
  await once(socket, isEncrypted(wire) ? 'secureConnect' : 'connect');
  if (isWebSocket(wire)) {
    socket.write(UPGRADE);
    await until(socket, '\r\n\r\n');
  }
  return socket;
}

/** Resolves with the bytes received from now on, once they contain `part`. */
export function until(socket: Socket, part: string | Buffer): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const failed = (): void => reject(new Error(`closed before ${part.toString('latin1')}`));
    const read = (chunk: Buffer): void => {
      chunks.push(chunk);
      const all = Buffer.concat(chunks);
      if (!all.includes(part)) return;
      socket.off('data', read).off('close', failed);
      resolve(all);
    };
    socket.on('data', read).on('close', failed);
  });
}
