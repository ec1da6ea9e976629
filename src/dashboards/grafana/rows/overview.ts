import type { RowDraft } from '../arrange';
import { metricName } from '../declared-families';
import type { HandlerQueries } from '../handler-queries';
import type { GrafanaThreshold } from '../model';
import { OF_INSTANCE, OF_METHOD } from '../promql';
import { statPanel } from '../stat-panel';

/** Failures of one call in a hundred are seen, of one in twenty they are an incident. */
export const ERROR_THRESHOLDS: readonly GrafanaThreshold[] = [
  { value: null, color: 'green' },
  { value: 0.01, color: 'orange' },
  { value: 0.05, color: 'red' },
];

/** Whether all is well, in six numbers. */
export function overviewRow(handlers: HandlerQueries): RowDraft {
  const oldest = `max(${metricName('oldestActive')}{${OF_METHOD}})`;
  return {
    title: 'Overview',
    collapsed: false,
    panels: [
      statPanel({
        title: 'Calls per second',
        description: 'Calls that arrive at the handlers of the selected methods, per second.',
        unit: 'reqps',
        query: { expr: total('sum', handlers.calls()), legend: 'calls' },
      }),
      statPanel({
        title: 'Error ratio',
        description:
          'Share of calls that fail with an error that the IDL does not declare. Declared exceptions are answers. 0 without calls.',
        unit: 'percentunit',
        thresholds: ERROR_THRESHOLDS,
        query: { expr: handlers.totalErrorShare('undeclared'), legend: 'errors' },
      }),
      statPanel({
        title: 'p95 of the slowest method',
        description:
          'The highest 95th percentile of the latency among the selected methods. Methods may have buckets of their own, so that there is no quantile of all of them.',
        unit: 's',
        noValue: 'no calls',
        query: { expr: total('max', handlers.latency(0.95)), legend: 'p95' },
      }),
      statPanel({
        title: 'Calls in flight',
        description: 'Calls that the handlers are working on now.',
        unit: 'short',
        query: { expr: total('sum', handlers.inFlight()), legend: 'in flight' },
      }),
      statPanel({
        title: 'Oldest call in flight',
        description:
          'How long the oldest call has been running. It grows for as long as a call hangs.',
        unit: 's',
        query: { expr: handlers.inFlight() && oldest, legend: 'oldest' },
      }),
      statPanel({
        title: 'Processes',
        description: 'Processes that are scraped, as far as they have process metrics.',
        unit: 'short',
        query: { expr: `count(process_start_time_seconds{${OF_INSTANCE}})`, legend: 'processes' },
      }),
    ],
  };
}

function total(aggregation: 'sum' | 'max', expression: string | undefined): string | undefined {
  return expression && `${aggregation}(${expression})`;
}
