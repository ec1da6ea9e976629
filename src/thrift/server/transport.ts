import http = require('node:http');
import https = require('node:https');
import tls = require('node:tls');
import { Server, Socket } from 'node:net';

import { CATALOGUE, type CatalogueEntry, LABEL } from '../../metrics/catalogue';
import { type CounterCell, type GaugeCell, LiveSumCell } from '../../metrics/cell';
import { IS_BUN } from '../../runtime/javascript-runtime';
import type { Families } from '../../runtime/families';
import { CLOSE_REASONS, type CloseReason } from './close-reason';

/** The values of `thrift_transport`. */
export type ServerTransport = 'tcp' | 'unix' | 'tls' | 'http' | 'https' | 'websocket';

/** Whether a value is a server of TCP, Unix sockets, TLS or HTTP. On Bun, those of HTTP do not derive from those of TCP. */
export function isServer(value: unknown): value is Server {
  return value instanceof Server || value instanceof http.Server || value instanceof https.Server;
}

/** The transport of the connections that a server accepts. Before the server listens, the most likely one. */
export function transportOf(server: Server): ServerTransport {
  if (server instanceof https.Server) return 'https';
  if (server instanceof http.Server) return 'http';
  if (server instanceof tls.Server) return 'tls';
  // The address of TCP is always an object. That of a Unix socket is a path, or null for an inherited file descriptor.
  return server.listening && typeof (server.address() ?? '') === 'string' ? 'unix' : 'tcp';
}

/** Every transport that the connections of a server can have, as far as is known before it listens. */
export function possibleTransports(server: Server): readonly ServerTransport[] {
  const transport = transportOf(server);
  if (transport === 'http' || transport === 'https') return [transport, 'websocket'];
  return transport === 'tls' || server.listening ? [transport] : ['tcp', 'unix'];
}

/** Whether the connections of a transport know their bytes. On Bun, connections of web servers know only bytes of bodies. */
export function countsBytes(transport: ServerTransport): boolean {
  return !IS_BUN || transport === 'tcp' || transport === 'unix' || transport === 'tls';
}

/** A connection that counts its bytes. */
export interface ByteSource {
  receivedBytes(): number;
  sentBytes(): number;
}

/** The cells for the connections of one transport. */
export interface TransportCells {
  readonly active: GaugeCell;
  readonly accepted: CounterCell;
  readonly closed: Readonly<Partial<Record<CloseReason, CounterCell>>>;
  /** Null where connections do not count their bytes. */
  readonly received: LiveSumCell<ByteSource> | null;
  readonly sent: LiveSumCell<ByteSource> | null;
}

/** Returns the cells of a transport. Series that do not exist yet start at 0. */
export function transportCells(families: Families, transport: ServerTransport): TransportCells {
  const labels = { [LABEL.transport]: transport };
  const bytesOf = (
    entry: CatalogueEntry & { type: 'counter' },
    read: (source: ByteSource) => number,
  ): LiveSumCell<ByteSource> | null =>
    countsBytes(transport) ? byteCell(families, entry, labels, read) : null;
  return {
    active: families.series(CATALOGUE.activeConnections, labels).cell,
    accepted: families.series(CATALOGUE.connections, labels).cell,
    closed: closedCells(families, transport),
    received: bytesOf(CATALOGUE.receivedBytes, (source) => source.receivedBytes()),
    sent: bytesOf(CATALOGUE.sentBytes, (source) => source.sentBytes()),
  };
}

function closedCells(families: Families, transport: ServerTransport): TransportCells['closed'] {
  const canBeUpgraded = transport === 'http' || transport === 'https';
  const reasons = CLOSE_REASONS.filter((reason) => canBeUpgraded || reason !== 'upgrade');
  const cellOf = (reason: CloseReason): CounterCell =>
    families.series(CATALOGUE.connectionsClosed, {
      [LABEL.transport]: transport,
      [LABEL.reason]: reason,
    }).cell;
  return Object.fromEntries(reasons.map((reason) => [reason, cellOf(reason)]));
}

function byteCell(
  families: Families,
  entry: CatalogueEntry & { type: 'counter' },
  labels: Readonly<Record<string, string>>,
  read: (source: ByteSource) => number,
): LiveSumCell<ByteSource> {
  const { cell } = families.series(entry, labels, () => new LiveSumCell(read));
  return cell as LiveSumCell<ByteSource>;
}

type Listing = NodeJS.Process & { _getActiveHandles?(): unknown[] };
type Accepted = Socket & { readonly server?: unknown; readonly parser?: unknown };

/**
 * The open connections that a server has accepted before. Servers do not list them, but Node.js lists everything that is
 * open. For TLS, that list has only the sockets below the encryption, so the connections of TLS servers are not found.
 */
export function openSockets(server: Server): Socket[] {
  const handles = (process as Listing)._getActiveHandles?.() ?? [];
  return handles.filter(
    (handle): handle is Socket =>
      handle instanceof Socket && (handle as Accepted).server === server && !handle.destroyed,
  );
}

/** Whether a connection of an HTTP server is upgraded: Node.js has removed its HTTP parser. */
export function isUpgraded(socket: Socket): boolean {
  return (socket as Accepted).parser === null;
}
