import { LABEL } from '../../../metrics/catalogue';
import type { RowDraft } from '../create-grafana-dashboard';
import { metricName } from '../declared-families';
import { OF_INSTANCE, sumOfRate } from '../queries';
import { timeSeriesPanel } from '../panels';

const LEGEND = `{{${LABEL.transport}}}`;

/** What the servers see of the connections of their clients. */
export function connectionsRow(): RowDraft {
  const rate = (by: string, key: Parameters<typeof metricName>[0]): string =>
    sumOfRate(by, `${metricName(key)}{${OF_INSTANCE}}`);
  return {
    title: 'Connections',
    collapsed: true,
    panels: [
      timeSeriesPanel({
        title: 'Open connections',
        description: 'Connections of clients that are open, by transport and process.',
        unit: 'short',
        queries: [
          {
            expr: `sum by (instance, ${LABEL.transport}) (${metricName('activeConnections')}{${OF_INSTANCE}})`,
            legend: `{{instance}} ${LEGEND}`,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Accepted connections',
        description:
          'Connections per second that are accepted, by transport. Nearly as many as calls: clients do not keep theirs.',
        unit: 'cps',
        queries: [{ expr: rate(LABEL.transport, 'connections'), legend: LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Closed connections',
        description: 'Connections per second that are closed, by who or what closed them.',
        unit: 'cps',
        queries: [
          {
            expr: rate(`${LABEL.transport}, ${LABEL.reason}`, 'connectionsClosed'),
            legend: `${LEGEND} {{${LABEL.reason}}}`,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Received',
        description: 'Bytes per second received from clients, by transport.',
        unit: 'Bps',
        queries: [{ expr: rate(LABEL.transport, 'receivedBytes'), legend: LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Sent',
        description: 'Bytes per second sent to clients, by transport.',
        unit: 'Bps',
        queries: [{ expr: rate(LABEL.transport, 'sentBytes'), legend: LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Failed connections',
        description:
          'Per second, by process: connections that were not accepted, or dropped because the server has its maximum, and TLS handshakes that failed.',
        unit: 'cps',
        queries: [
          { expr: rate('instance', 'acceptErrors'), legend: '{{instance}} not accepted' },
          { expr: rate('instance', 'tlsHandshakeErrors'), legend: '{{instance}} TLS handshake' },
        ],
      }),
    ],
  };
}
