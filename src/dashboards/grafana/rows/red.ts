import type { RowDraft } from '../arrange';
import type { HandlerQueries } from '../handler-queries';
import { largest, METHOD_LEGEND } from '../promql';
import type { PanelDraft } from '../panel-draft';
import { timeSeriesPanel, type TimeSeriesOptions } from '../time-series-panel';

/** Rate, errors and duration of each method, in a row for each service. */
export function redRow(handlers: HandlerQueries): RowDraft {
  return {
    title: 'Rate, errors and duration of $service',
    collapsed: false,
    repeat: 'service',
    panels: [
      perMethod(handlers.calls(), {
        title: 'Calls',
        description: 'Calls that arrive, per second and method: those with most.',
        unit: 'reqps',
      }),
      perMethod(handlers.errorShare('undeclared'), {
        title: 'Error ratio',
        description:
          'Share of calls that fail with an error that the IDL does not declare, per method: those with most. 0 without calls.',
        unit: 'percentunit',
      }),
      perMethod(handlers.errorShare('declared'), {
        title: 'Declared exceptions',
        description:
          'Share of calls that end with an exception that the IDL declares, per method: those with most. 0 without calls.',
        unit: 'percentunit',
      }),
      ...[50, 95, 99].map((percent) =>
        perMethod(handlers.latency(percent / 100), {
          title: `p${percent} latency`,
          description: `Seconds within which ${percent} of 100 calls settle, per method: the slowest. No line while a method is not called.`,
          unit: 's',
          noValue: 'no calls',
          exemplars: true,
        }),
      ),
    ],
  };
}

function perMethod(
  expression: string | undefined,
  options: Omit<TimeSeriesOptions, 'queries'>,
): PanelDraft {
  const query = { expr: expression && largest(expression), legend: METHOD_LEGEND };
  return timeSeriesPanel({ ...options, queries: [query] });
}
