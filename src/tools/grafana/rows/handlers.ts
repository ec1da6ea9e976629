import { LABEL } from '../../../metrics/catalogue';
import type { RowDraft } from '../create-grafana-dashboard';
import { metricName } from '../declared-families';
import type { GrafanaThreshold } from '../model';
import {
  type PanelDraft,
  statPanel,
  tablePanel,
  type TimeSeriesOptions,
  timeSeriesPanel,
} from '../panels';
import {
  type HandlerQueries,
  largest,
  METHOD_LABELS,
  METHOD_LEGEND,
  OF_INSTANCE,
  OF_METHOD,
  RANGE,
} from '../queries';

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

/** All methods in one table, over the whole time range: the place to look for what is wrong. */
export function slowestMethodsRow(handlers: HandlerQueries, uid: string): RowDraft {
  return {
    title: 'Slowest methods',
    collapsed: false,
    panels: [
      tablePanel({
        title: 'Methods by latency',
        description:
          'Every method over the time range that is shown, the slowest first; a click on another title sorts by that column. A click on a method shows that method alone in the whole dashboard.',
        unit: 'short',
        labels: { [LABEL.service]: 'Service', [LABEL.method]: 'Method' },
        values: [
          { title: 'p50', unit: 's', expr: handlers.latency(0.5, RANGE) },
          { title: 'p95', unit: 's', expr: handlers.latency(0.95, RANGE) },
          { title: 'p99', unit: 's', expr: handlers.latency(0.99, RANGE) },
          { title: 'Calls per second', unit: 'reqps', expr: handlers.calls(RANGE) },
          {
            title: 'Error ratio',
            unit: 'percentunit',
            expr: handlers.errorShare('undeclared', RANGE),
            thresholds: ERROR_THRESHOLDS,
          },
        ],
        sortBy: { title: 'p95', descending: true },
        links: {
          Method: {
            title: 'Show this method alone',
            url: `/d/${uid}?\${datasource:queryparam}&\${job:queryparam}&\${instance:queryparam}&var-service=\${__data.fields.Service}&var-method=\${__data.fields.Method}&\${__url_time_range}`,
          },
        },
      }),
    ],
  };
}

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

const TYPE_LABELS = `${LABEL.exceptionType}, ${LABEL.exceptionKind}`;
const TYPE_LEGEND = `{{${LABEL.exceptionType}}} ({{${LABEL.exceptionKind}}})`;

/** Which errors, and of which methods. */
export function errorsRow(handlers: HandlerQueries): RowDraft {
  const byType = handlers.errors({ by: TYPE_LABELS });
  const byMethod = handlers.errors({ kind: 'undeclared' });
  const declared = handlers.errors({ kind: 'declared' });
  return {
    title: 'Errors by type',
    collapsed: false,
    panels: [
      timeSeriesPanel({
        title: 'Errors by type',
        description:
          'Failed calls per second by the class of the error, and whether the IDL declares it: those with most.',
        unit: 'cps',
        exemplars: true,
        queries: [{ expr: byType && largest(byType), legend: TYPE_LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Undeclared errors by method',
        description:
          'Calls per second that fail with an error that the IDL does not declare: the methods with most.',
        unit: 'cps',
        exemplars: true,
        queries: [{ expr: byMethod && largest(byMethod), legend: METHOD_LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Declared exceptions by method',
        description:
          'Calls per second that end with an exception that the IDL declares: the methods with most.',
        unit: 'cps',
        exemplars: true,
        queries: [{ expr: declared && largest(declared), legend: METHOD_LEGEND }],
      }),
    ],
  };
}

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
