import { LABEL } from '../../../metrics/catalogue';
import type { RowDraft } from '../create-grafana-dashboard';
import { hasNativeBuckets, metricName } from '../declared-families';
import { type PanelDraft, type TimeSeriesOptions, timeSeriesPanel } from '../panels';
import {
  largest,
  METHOD_LABELS,
  METHOD_LEGEND,
  OF_INSTANCE,
  OF_METHOD,
  quantileOf,
  sumOfRate,
} from '../queries';

/** What the processor sees: messages, their sizes, and what went wrong around the handlers. */
export function messagesRow(): RowDraft {
  const answers = `${LABEL.messageType}, ${LABEL.reply}`;
  return {
    title: 'Messages and sizes',
    collapsed: true,
    panels: [
      timeSeriesPanel({
        title: 'Messages by answer',
        description:
          'Messages per second by what they are and how they were answered. A declared exception is a reply; none is right for oneway messages only.',
        unit: 'cps',
        queries: [
          {
            expr: sumOfRate(answers, `${metricName('messages')}{${OF_METHOD}}`),
            legend: `{{${LABEL.messageType}}} → {{${LABEL.reply}}}`,
          },
        ],
      }),
      p95PerMethod('requestSize', {
        title: 'p95 request size',
        description: 'Bytes that 95 of 100 requests do not exceed, per method: the largest.',
        unit: 'bytes',
      }),
      p95PerMethod('responseSize', {
        title: 'p95 reply size',
        description: 'Bytes that 95 of 100 replies do not exceed, per method: the largest.',
        unit: 'bytes',
      }),
      timeSeriesPanel({
        title: 'Messages in the processor',
        description:
          'Messages that are decoded and not answered yet: the methods with most. More of them than calls in flight wait for something else than the handler.',
        unit: 'short',
        queries: [
          {
            expr: largest(
              `sum by (${METHOD_LABELS}) (${metricName('activeMessages')}{${OF_METHOD}})`,
            ),
            legend: METHOD_LEGEND,
          },
        ],
      }),
      p95PerMethod('requestDecode', {
        title: 'p95 time to decode',
        description: 'Seconds to decode the arguments of a request, per method: the slowest.',
        unit: 's',
      }),
      p95PerMethod('responseWrite', {
        title: 'p95 time to write',
        description:
          'Seconds to encode a reply and to hand it to the socket, per method: the slowest.',
        unit: 's',
      }),
      timeSeriesPanel({
        title: 'Lost replies',
        description:
          'Replies per second that the handler had and the client did not get, by reason.',
        unit: 'cps',
        queries: [
          {
            expr: sumOfRate(LABEL.reason, `${metricName('lostReplies')}{${OF_METHOD}}`),
            legend: `{{${LABEL.reason}}}`,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Protocol errors',
        description:
          'Input per second that was no message as the server expects it, by reason. Clients with another protocol or transport, and scanners, cause it.',
        unit: 'cps',
        queries: [
          {
            expr: sumOfRate(LABEL.reason, `${metricName('protocolErrors')}{${OF_INSTANCE}}`),
            legend: `{{${LABEL.reason}}}`,
          },
        ],
      }),
    ],
  };
}

function p95PerMethod(
  key: 'requestSize' | 'responseSize' | 'requestDecode' | 'responseWrite',
  options: Omit<TimeSeriesOptions, 'queries'>,
): PanelDraft {
  const histogram = { name: metricName(key), native: hasNativeBuckets() };
  const expr = largest(`${quantileOf(histogram, 0.95, METHOD_LABELS)} >= 0`);
  return timeSeriesPanel({
    ...options,
    noValue: 'no messages',
    queries: [{ expr, legend: METHOD_LEGEND }],
  });
}
