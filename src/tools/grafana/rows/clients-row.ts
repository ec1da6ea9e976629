import { LABEL } from '../../../metrics/catalogue';
import type { BuiltInMetrics } from '../built-in-metrics';
import {
  gaugeOf,
  largest,
  METHOD_LABELS,
  METHOD_LEGEND,
  OF_INSTANCE,
  type OverRange,
  quantileOf,
  ratioOf,
  sumOfRate,
} from '../expressions';
import type { RowDraft } from '../layout';
import { type PanelDraft, type TimeSeriesOptions, timeSeriesPanel } from '../panels';

const BY = `${LABEL.clientName}, ${METHOD_LABELS}`;
const LEGEND = `{{${LABEL.clientName}}}: ${METHOD_LEGEND}`;

/**
 * Shows the calls that the selected processes make. The queries ignore the selected services and methods, because those
 * are the ones that the processes serve.
 */
export function clientsRow(builtIn: BuiltInMetrics): RowDraft {
  const of = (key: Parameters<BuiltInMetrics['nameOf']>[0]): string =>
    `${builtIn.nameOf(key)}{${OF_INSTANCE}}`;
  const rate = (key: Parameters<typeof of>[0], by = BY): OverRange => {
    return (range) => sumOfRate(by, of(key), range);
  };
  const calls = rate('clientRequests');
  const failed = rate('clientFailedRequests');
  const errorLabels = `${LABEL.clientName}, ${LABEL.exceptionKind}, ${LABEL.exceptionType}`;
  const latency = builtIn.histogram('clientLatency');
  return {
    title: 'Clients',
    collapsed: true,
    panels: [
      perMethod(calls, {
        title: 'Client calls',
        description:
          'Calls per second that instrumented clients make. Shows the methods with the most calls.',
        unit: 'reqps',
      }),
      perMethod((range) => ratioOf(failed(range), calls(range)), {
        title: 'Failed client calls',
        description:
          'Fraction of client calls that fail, including declared exceptions; 0 without calls. Shows the methods with the highest fraction.',
        unit: 'percentunit',
      }),
      perMethod((range) => `${quantileOf(latency, 0.95, BY, range, OF_INSTANCE)} >= 0`, {
        title: 'Client p95 latency',
        description:
          'Time within which 95% of client calls finish, including the network. Shows the slowest methods.',
        unit: 's',
        noValue: 'no calls',
        exemplars: true,
      }),
      timeSeriesPanel({
        title: 'Client errors by type',
        description:
          'Failed client calls per second, by type and kind of the error. Shows the most frequent errors.',
        unit: 'cps',
        exemplars: true,
        queries: [
          {
            expr: largest(rate('clientErrors', errorLabels)),
            legend: `{{${LABEL.clientName}}}: {{${LABEL.exceptionType}}} ({{${LABEL.exceptionKind}}})`,
          },
        ],
      }),
      perMethod(gaugeOf('sum', BY, of('clientActive')), {
        title: 'Client calls in flight',
        description:
          'Client calls that wait for their reply. Shows the methods with the most calls in flight.',
        unit: 'short',
      }),
      perMethod(gaugeOf('max', BY, of('clientOldestActive')), {
        title: 'Oldest client call in flight',
        description:
          'Age of the oldest call in flight of each client and method. A line that only rises is a call that hangs.',
        unit: 's',
      }),
      perMethod(rate('clientLateReplies'), {
        title: 'Late client replies',
        description:
          'Replies per second that arrived after their call had counted as failed, for example after a timeout. Shows the methods with the most late replies.',
        unit: 'cps',
      }),
      timeSeriesPanel({
        title: 'Client reconnects',
        description: 'Reconnection attempts of clients per second, by process.',
        unit: 'cps',
        queries: [
          {
            expr: sumOfRate(`instance, ${LABEL.clientName}`, of('clientReconnects')),
            legend: `{{instance}} {{${LABEL.clientName}}}`,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Client calls waiting for a connection',
        description: 'Calls that clients queue until they are connected, by process.',
        unit: 'short',
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

function perMethod(expression: OverRange, options: Omit<TimeSeriesOptions, 'queries'>): PanelDraft {
  return timeSeriesPanel({ ...options, queries: [{ expr: largest(expression), legend: LEGEND }] });
}
