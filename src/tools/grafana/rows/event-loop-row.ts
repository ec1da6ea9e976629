import type { BuiltInMetrics } from '../built-in-metrics';
import {
  gaugeOf,
  largest,
  METHOD_LABELS,
  METHOD_LEGEND,
  OF_METHOD,
  type OverRange,
  sumOfRate,
} from '../expressions';
import type { HandlerQueries } from '../handler-queries';
import type { RowDraft } from '../layout';
import { timeSeriesPanel } from '../panels';

/** Shows which methods hold the event loop, which every other call has to wait for. */
export function eventLoopRow({ families }: HandlerQueries, builtIn: BuiltInMetrics): RowDraft {
  const isMeasured = families.timed.length > 0;
  const held: OverRange = (range) =>
    sumOfRate(METHOD_LABELS, `${builtIn.nameOf('eventLoop')}{${OF_METHOD}}`, range);
  const longest = gaugeOf(
    'max',
    METHOD_LABELS,
    `${builtIn.nameOf('eventLoopLongest')}{${OF_METHOD}}`,
  );
  return {
    title: 'Event loop',
    collapsed: true,
    panels: [
      timeSeriesPanel({
        title: 'Event loop time by method',
        description:
          'Fraction of one event loop that the synchronous parts of calls hold, summed over the selected processes. Other calls wait meanwhile. What a handler does after its first await is not included. Shows the methods that hold it most.',
        unit: 'percentunit',
        width: 12,
        queries: [{ expr: isMeasured ? largest(held) : undefined, legend: METHOD_LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Longest block',
        description:
          'Longest synchronous part of a single call in the last minute, in any selected process. Every call that arrived meanwhile was delayed by up to this time. Shows the methods with the longest blocks.',
        unit: 's',
        width: 12,
        queries: [{ expr: isMeasured ? largest(longest) : undefined, legend: METHOD_LEGEND }],
      }),
    ],
  };
}
