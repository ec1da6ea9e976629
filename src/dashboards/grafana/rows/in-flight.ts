import type { RowDraft } from '../arrange';
import { metricName } from '../declared-families';
import type { HandlerQueries } from '../handler-queries';
import { largest, METHOD_LABELS, METHOD_LEGEND, OF_METHOD } from '../promql';
import { timeSeriesPanel } from '../time-series-panel';

/** What is being worked on, and for how long. */
export function inFlightRow(handlers: HandlerQueries): RowDraft {
  const active = handlers.inFlight();
  const oldest = `max by (${METHOD_LABELS}) (${metricName('oldestActive')}{${OF_METHOD}})`;
  return {
    title: 'In flight',
    collapsed: true,
    panels: [
      timeSeriesPanel({
        title: 'Calls in flight',
        description: 'Calls that the handlers are working on: the methods with most.',
        unit: 'short',
        width: 12,
        queries: [{ expr: active && largest(active), legend: METHOD_LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Oldest call in flight',
        description:
          'How long the oldest call of each method has been running: the oldest. A line that only rises is a call that hangs.',
        unit: 's',
        width: 12,
        queries: [{ expr: active && largest(oldest), legend: METHOD_LEGEND }],
      }),
    ],
  };
}
