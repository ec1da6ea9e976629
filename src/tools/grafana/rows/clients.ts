import { LABEL } from '../../../metrics/catalogue';
import type { RowDraft } from '../create-grafana-dashboard';
import { hasNativeBuckets, metricName } from '../declared-families';
import { type PanelDraft, type TimeSeriesOptions, timeSeriesPanel } from '../panels';
import {
  largest,
  METHOD_LABELS,
  METHOD_LEGEND,
  OF_INSTANCE,
  quantileOf,
  shareOf,
  sumOfRate,
} from '../queries';

const BY = `${LABEL.clientName}, ${METHOD_LABELS}`;
const LEGEND = `{{${LABEL.clientName}}}: ${METHOD_LEGEND}`;

/**
 * What the selected processes call elsewhere. The chosen services and methods do not matter here: they are those that the
 * processes serve.
 */
export function clientsRow(): RowDraft {
  const of = (key: Parameters<typeof metricName>[0]): string =>
    `${metricName(key)}{${OF_INSTANCE}}`;
  const calls = sumOfRate(BY, of('clientRequests'));
  const errorLabels = `${LABEL.clientName}, ${LABEL.exceptionKind}, ${LABEL.exceptionType}`;
  const latency = { name: metricName('clientLatency'), native: hasNativeBuckets() };
  const p95 = quantileOf(latency, 0.95, BY, undefined, OF_INSTANCE);
  return {
    title: 'Clients',
    collapsed: true,
    panels: [
      perMethod(calls, {
        title: 'Calls of clients',
        description: 'Calls per second that instrumented clients make: the methods with most.',
        unit: 'reqps',
      }),
      perMethod(shareOf(sumOfRate(BY, of('clientErrors')), calls), {
        title: 'Error ratio of clients',
        description:
          'Share of calls of clients that fail in any way, declared exceptions included: the methods with most. 0 without calls.',
        unit: 'percentunit',
      }),
      perMethod(`${p95} >= 0`, {
        title: 'p95 latency of clients',
        description:
          'Seconds within which 95 of 100 calls of clients settle, the network included: the slowest methods.',
        unit: 's',
        noValue: 'no calls',
        exemplars: true,
      }),
      timeSeriesPanel({
        title: 'Errors of clients by type',
        description:
          'Failed calls of clients per second by type and kind of the error: those with most.',
        unit: 'cps',
        exemplars: true,
        queries: [
          {
            expr: largest(sumOfRate(errorLabels, of('clientErrors'))),
            legend: `{{${LABEL.clientName}}}: {{${LABEL.exceptionType}}} ({{${LABEL.exceptionKind}}})`,
          },
        ],
      }),
      perMethod(`sum by (${BY}) (${of('clientActive')})`, {
        title: 'Calls of clients in flight',
        description: 'Calls of clients that are not settled: the methods with most.',
        unit: 'short',
      }),
      perMethod(`max by (${BY}) (${of('clientOldestActive')})`, {
        title: 'Oldest call of clients in flight',
        description: 'How long the oldest call of each client and method has been waiting.',
        unit: 's',
      }),
      timeSeriesPanel({
        title: 'Reconnects of clients',
        description: 'Attempts per second of clients to connect again.',
        unit: 'cps',
        width: 12,
        queries: [
          {
            expr: sumOfRate(`instance, ${LABEL.clientName}`, of('clientReconnects')),
            legend: `{{instance}} {{${LABEL.clientName}}}`,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Calls waiting for a connection',
        description: 'Calls that wait in clients until they are connected.',
        unit: 'short',
        width: 12,
        queries: [
          {
            expr: `sum by (instance, ${LABEL.clientName}) (${of('clientOfflineQueue')})`,
            legend: `{{instance}} {{${LABEL.clientName}}}`,
          },
        ],
      }),
    ],
  };
}

function perMethod(expression: string, options: Omit<TimeSeriesOptions, 'queries'>): PanelDraft {
  return timeSeriesPanel({ ...options, queries: [{ expr: largest(expression), legend: LEGEND }] });
}
