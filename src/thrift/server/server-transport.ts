import http = require('node:http');
import https = require('node:https');
import type { Server } from 'node:net';
import tls = require('node:tls');

/** The values of `thrift_transport`. */
export type ServerTransport = 'tcp' | 'unix' | 'tls' | 'http' | 'https' | 'websocket';

/** The transport of the connections that a server accepts now; before it listens, the one that is likely. */
export function transportOf(server: Server): ServerTransport {
  if (server instanceof https.Server) return 'https';
  if (server instanceof http.Server) return 'http';
  if (server instanceof tls.Server) return 'tls';
  // A path is a string, a socket that was inherited as a file descriptor has no address, and TCP always has one.
  return server.listening && typeof (server.address() ?? '') === 'string' ? 'unix' : 'tcp';
}

/** Every transport that connections of a server can have, as far as it is known yet. */
export function possibleTransports(server: Server): readonly ServerTransport[] {
  const transport = transportOf(server);
  if (transport === 'http' || transport === 'https') return [transport, 'websocket'];
  return transport === 'tls' || server.listening ? [transport] : ['tcp', 'unix'];
}
