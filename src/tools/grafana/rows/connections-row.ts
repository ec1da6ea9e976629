import { LABEL } from '../../../metrics/catalogue';
import type { BuiltInMetrics } from '../built-in-metrics';
import { OF_INSTANCE, sumOfRate } from '../expressions';
import type { RowDraft } from '../layout';
import { timeSeriesPanel } from '../panels';

const LEGEND = `{{${LABEL.transport}}}`;

/** Shows the connections that clients open to the servers. */
export function connectionsRow(builtIn: BuiltInMetrics): RowDraft {
  const rate = (by: string, key: Parameters<BuiltInMetrics['nameOf']>[0]): string =>
    sumOfRate(by, `${builtIn.nameOf(key)}{${OF_INSTANCE}}`);
  return {
    title: 'Connections',
    collapsed: true,
    panels: [
      timeSeriesPanel({
        title: 'Open connections',
        description: 'Open connections from clients, by process and transport.',
        unit: 'short',
        queries: [
          {
            expr: `sum by (instance, ${LABEL.transport}) (${builtIn.nameOf('activeConnections')}{${OF_INSTANCE}})`,
            legend: `{{instance}} ${LEGEND}`,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Accepted connections',
        description:
          'Accepted connections per second, by transport. A rate close to the rate of calls means that clients do not reuse connections.',
        unit: 'cps',
        queries: [{ expr: rate(LABEL.transport, 'connections'), legend: LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Closed connections',
        description: 'Closed connections per second, by transport and reason.',
        unit: 'cps',
        queries: [
          {
            expr: rate(`${LABEL.transport}, ${LABEL.reason}`, 'connectionsClosed'),
            legend: `${LEGEND} {{${LABEL.reason}}}`,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Bytes received',
        description: 'Bytes per second received from clients, by transport.',
        unit: 'Bps',
        queries: [{ expr: rate(LABEL.transport, 'receivedBytes'), legend: LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Bytes sent',
        description: 'Bytes per second sent to clients, by transport.',
        unit: 'Bps',
        queries: [{ expr: rate(LABEL.transport, 'sentBytes'), legend: LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Failed connections',
        description:
          'Connections per second that the server did not accept or dropped at its limit, and failed TLS handshakes, by process.',
        unit: 'cps',
        queries: [
          { expr: rate('instance', 'acceptErrors'), legend: '{{instance}} not accepted' },
          { expr: rate('instance', 'tlsHandshakeErrors'), legend: '{{instance}} TLS handshake' },
        ],
      }),
      timeSeriesPanel({
        title: 'Rejected trace contexts',
        description:
          'Trace contexts per second that arrived with a request and were not used, by reason. Empty unless tracing is enabled.',
        unit: 'cps',
        queries: [{ expr: rate(LABEL.reason, 'rejectedContexts'), legend: `{{${LABEL.reason}}}` }],
      }),
    ],
  };
}
