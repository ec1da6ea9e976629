import { LABEL } from '../../../metrics/catalogue';
import type { BuiltInMetrics } from '../built-in-metrics';
import {
  gaugeOf,
  largest,
  METHOD_LABELS,
  METHOD_LEGEND,
  OF_INSTANCE,
  OF_METHOD,
  type OverRange,
  quantileOf,
  sumOfRate,
} from '../expressions';
import type { RowDraft } from '../layout';
import { type PanelDraft, type TimeSeriesOptions, timeSeriesPanel } from '../panels';

/** Shows what the processor measures around the handlers: messages, their sizes, and what goes wrong. */
export function messagesRow(builtIn: BuiltInMetrics): RowDraft {
  const p95PerMethod = (
    key: 'requestSize' | 'responseSize' | 'queue' | 'requestDecode' | 'responseWrite',
    options: Omit<TimeSeriesOptions, 'queries'>,
  ): PanelDraft => {
    const p95: OverRange = (range) =>
      `${quantileOf(builtIn.histogram(key), 0.95, METHOD_LABELS, range)} >= 0`;
    return timeSeriesPanel({
      ...options,
      noValue: 'no messages',
      queries: [{ expr: largest(p95), legend: METHOD_LEGEND }],
    });
  };
  return {
    title: 'Messages and sizes',
    collapsed: true,
    panels: [
      timeSeriesPanel({
        title: 'Messages by reply',
        description:
          'Messages per second, by type and by how they were answered. A declared exception counts as a reply. The value none is normal for oneway messages only.',
        unit: 'cps',
        queries: [
          {
            expr: sumOfRate(
              `${LABEL.messageType}, ${LABEL.reply}`,
              `${builtIn.nameOf('messages')}{${OF_METHOD}}`,
            ),
            legend: `{{${LABEL.messageType}}} → {{${LABEL.reply}}}`,
          },
        ],
      }),
      p95PerMethod('requestSize', {
        title: 'p95 request size',
        description:
          'Size of requests at the 95th percentile. Shows the methods with the largest requests.',
        unit: 'bytes',
      }),
      p95PerMethod('responseSize', {
        title: 'p95 reply size',
        description:
          'Size of replies at the 95th percentile. Shows the methods with the largest replies.',
        unit: 'bytes',
      }),
      timeSeriesPanel({
        title: 'Messages in the processor',
        description:
          'Messages that are decoded but not answered yet. If there are more of them than calls in flight, they wait for something outside the handler.',
        unit: 'short',
        queries: [
          {
            expr: largest(
              gaugeOf('sum', METHOD_LABELS, `${builtIn.nameOf('activeMessages')}{${OF_METHOD}}`),
            ),
            legend: METHOD_LEGEND,
          },
        ],
      }),
      p95PerMethod('queue', {
        title: 'p95 time in the queue',
        description:
          'Time from the arrival of the packet until the handler is called, at the 95th percentile. Requires that the server is instrumented. Shows the slowest methods.',
        unit: 's',
      }),
      p95PerMethod('requestDecode', {
        title: 'p95 decode time',
        description:
          'Time to decode the arguments of a request, at the 95th percentile. Shows the slowest methods.',
        unit: 's',
      }),
      p95PerMethod('responseWrite', {
        title: 'p95 write time',
        description:
          'Time to encode a reply and hand it to the socket, at the 95th percentile. Shows the slowest methods.',
        unit: 's',
      }),
      timeSeriesPanel({
        title: 'Lost replies',
        description:
          'Replies per second that the handler returned but the client did not receive, by reason.',
        unit: 'cps',
        queries: [
          {
            expr: sumOfRate(LABEL.reason, `${builtIn.nameOf('lostReplies')}{${OF_METHOD}}`),
            legend: `{{${LABEL.reason}}}`,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Protocol errors',
        description:
          'Invalid messages per second, by reason. Usual causes are clients with a different protocol or transport, and port scanners.',
        unit: 'cps',
        queries: [
          {
            expr: sumOfRate(LABEL.reason, `${builtIn.nameOf('protocolErrors')}{${OF_INSTANCE}}`),
            legend: `{{${LABEL.reason}}}`,
          },
        ],
      }),
    ],
  };
}
