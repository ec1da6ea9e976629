import { CATALOGUE, LABEL, type CatalogueEntry } from '../../catalogue';
import type { CounterCell } from '../../metrics/counter-cell';
import type { GaugeCell } from '../../metrics/gauge-cell';
import { LiveSumCell } from '../../metrics/live-sum-cell';
import { builtInSeries } from '../../registry/built-in-series';
import { CLOSE_REASONS, type CloseReason } from './close-reason';
import type { ServerTransport } from './server-transport';

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
export function transportCells(transport: ServerTransport): TransportCells {
  const labels = { [LABEL.transport]: transport };
  return {
    active: builtInSeries(CATALOGUE.activeConnections, labels).cell,
    accepted: builtInSeries(CATALOGUE.connections, labels).cell,
    closed: closedCells(transport),
    received: byteCell(CATALOGUE.receivedBytes, labels, (source) => source.receivedBytes()),
    sent: byteCell(CATALOGUE.sentBytes, labels, (source) => source.sentBytes()),
  };
}

function closedCells(transport: ServerTransport): TransportCells['closed'] {
  const canBeUpgraded = transport === 'http' || transport === 'https';
  const reasons = CLOSE_REASONS.filter((reason) => canBeUpgraded || reason !== 'upgrade');
  const cellOf = (reason: CloseReason): CounterCell =>
    builtInSeries(CATALOGUE.connectionsClosed, {
      [LABEL.transport]: transport,
      [LABEL.reason]: reason,
    }).cell;
  return Object.fromEntries(reasons.map((reason) => [reason, cellOf(reason)]));
}

function byteCell(
  entry: CatalogueEntry & { type: 'counter' },
  labels: Readonly<Record<string, string>>,
  read: (source: ByteSource) => number,
): LiveSumCell<ByteSource> {
  const { cell } = builtInSeries(entry, labels, () => new LiveSumCell(read));
  return cell as LiveSumCell<ByteSource>;
}
