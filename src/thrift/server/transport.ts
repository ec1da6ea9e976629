import http = require('node:http');
import https = require('node:https');
import tls = require('node:tls');
import { type Server, Socket } from 'node:net';

import { CATALOGUE, type CatalogueEntry, LABEL } from '../../metrics/catalogue';
import { type CounterCell, type GaugeCell, LiveSumCell } from '../../metrics/cell';
import type { Families } from '../../runtime/families';
import { CLOSE_REASONS, type CloseReason } from './close-reason';

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

/** A connection, as far as its bytes are counted. */
export interface ByteSource {
  receivedBytes(): number;
  sentBytes(): number;
}

/** What is counted of the connections of one transport. */
export interface TransportCells {
  readonly active: GaugeCell;
  readonly accepted: CounterCell;
  readonly closed: Readonly<Partial<Record<CloseReason, CounterCell>>>;
  readonly received: LiveSumCell<ByteSource>;
  readonly sent: LiveSumCell<ByteSource>;
}

/** The series of a transport, at 0 where they are new. */
export function transportCells(families: Families, transport: ServerTransport): TransportCells {
  const labels = { [LABEL.transport]: transport };
  return {
    active: families.series(CATALOGUE.activeConnections, labels).cell,
    accepted: families.series(CATALOGUE.connections, labels).cell,
    closed: closedCells(families, transport),
    received: byteCell(families, CATALOGUE.receivedBytes, labels, (source) =>
      source.receivedBytes(),
    ),
    sent: byteCell(families, CATALOGUE.sentBytes, labels, (source) => source.sentBytes()),
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
 * The connections that a server has accepted already. Servers keep no list of them, but Node.js keeps one of everything
 * that is open. It names what TLS is spoken over, and not who speaks it: connections of TLS cannot be had.
 */
export function openSockets(server: Server): Socket[] {
  const handles = (process as Listing)._getActiveHandles?.() ?? [];
  return handles.filter(
    (handle): handle is Socket =>
      handle instanceof Socket && (handle as Accepted).server === server && !handle.destroyed,
  );
}

/** Whether a connection that an HTTP server has accepted is no longer one of HTTP: the parser has been taken from it. */
export function isUpgraded(socket: Socket): boolean {
  return (socket as Accepted).parser === null;
}
