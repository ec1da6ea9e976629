import { LABEL } from '../../../metrics/catalogue';
import type { BuiltInMetrics } from '../built-in-metrics';
import {
  largest,
  METHOD_LABELS,
  METHOD_LEGEND,
  OF_INSTANCE,
  OF_METHOD,
  RANGE,
} from '../expressions';
import type { HandlerQueries } from '../handler-queries';
import type { RowDraft } from '../layout';
import type { GrafanaThreshold } from '../model';
import {
  type PanelDraft,
  statPanel,
  tablePanel,
  type TimeSeriesOptions,
  timeSeriesPanel,
} from '../panels';

/** One failed call in a hundred is noticeable, and one in twenty is an incident. */
const ERROR_THRESHOLDS: readonly GrafanaThreshold[] = [
  { value: null, color: 'green' },
  { value: 0.01, color: 'orange' },
  { value: 0.05, color: 'red' },
];

/** Shows the state of the selected methods in seven numbers. */
export function overviewRow(handlers: HandlerQueries, builtIn: BuiltInMetrics): RowDraft {
  const oldest = `max(${builtIn.nameOf('oldestActive')}{${OF_METHOD}})`;
  return {
    title: 'Overview',
    collapsed: false,
    panels: [
      statPanel({
        width: 6,
        title: 'Calls per second',
        description: 'Rate of calls that reach the handlers of the selected methods.',
        unit: 'reqps',
        query: { expr: total('sum', handlers.calls()), legend: 'calls' },
      }),
      statPanel({
        width: 3,
        title: 'Bad calls',
        description:
          'Fraction of calls that count against an objective: those that fail, except by exceptions that the IDL declares; 0 without calls.',
        unit: 'percentunit',
        thresholds: ERROR_THRESHOLDS,
        query: { expr: handlers.totalRatio('bad'), legend: 'bad' },
      }),
      statPanel({
        width: 3,
        title: 'Failed calls',
        description:
          'Fraction of calls that fail in any way, also by declared exceptions; 0 without calls.',
        unit: 'percentunit',
        query: { expr: handlers.totalRatio('failed'), legend: 'failed' },
      }),
      statPanel({
        width: 3,
        title: 'p95 of the slowest method',
        description:
          'Highest 95th percentile of latency among the selected methods. Methods may have different buckets, so there is no percentile over all of them.',
        unit: 's',
        noValue: 'no calls',
        query: { expr: total('max', handlers.latency(0.95)), legend: 'p95' },
      }),
      statPanel({
        width: 3,
        title: 'Calls in flight',
        description: 'Calls that the handlers are processing now.',
        unit: 'short',
        query: { expr: total('sum', handlers.inFlight()), legend: 'in flight' },
      }),
      statPanel({
        width: 3,
        title: 'Oldest call in flight',
        description: 'Age of the oldest call in flight. It keeps growing while a call hangs.',
        unit: 's',
        query: { expr: handlers.inFlight() && oldest, legend: 'oldest' },
      }),
      statPanel({
        width: 3,
        title: 'Processes',
        description: 'Scraped processes. Only processes that export process metrics are counted.',
        unit: 'short',
        query: { expr: `count(process_start_time_seconds{${OF_INSTANCE}})`, legend: 'processes' },
      }),
    ],
  };
}

function total(aggregation: 'sum' | 'max', expression: string | undefined): string | undefined {
  return expression && `${aggregation}(${expression})`;
}

/** Lists all methods in one table, over the whole time range. Shows at a glance which method has a problem. */
export function slowestMethodsRow(handlers: HandlerQueries, uid: string): RowDraft {
  return {
    title: 'Slowest methods',
    collapsed: false,
    panels: [
      tablePanel({
        title: 'Methods by latency',
        description:
          'All methods over the time range of the dashboard, slowest first. Click a column title to sort by it. Click a method to show only that method in the whole dashboard.',
        unit: 'short',
        labels: { [LABEL.service]: 'Service', [LABEL.method]: 'Method' },
        values: [
          { title: 'p50', unit: 's', expr: handlers.latency(0.5, RANGE) },
          { title: 'p95', unit: 's', expr: handlers.latency(0.95, RANGE) },
          { title: 'p99', unit: 's', expr: handlers.latency(0.99, RANGE) },
          { title: 'Calls per second', unit: 'reqps', expr: handlers.calls(RANGE) },
          {
            title: 'Bad calls',
            unit: 'percentunit',
            expr: handlers.ratio('bad', RANGE),
            thresholds: ERROR_THRESHOLDS,
          },
          { title: 'Failed calls', unit: 'percentunit', expr: handlers.ratio('failed', RANGE) },
        ],
        sortBy: { title: 'p95', descending: true },
        links: {
          Method: {
            title: 'Show only this method',
            url: `/d/${uid}?\${datasource:queryparam}&\${job:queryparam}&\${instance:queryparam}&var-service=\${__data.fields.Service}&var-method=\${__data.fields.Method}&\${__url_time_range}`,
          },
        },
      }),
    ],
  };
}

/** Shows rate, errors and duration by method, in one row per service. */
export function redRow(handlers: HandlerQueries): RowDraft {
  return {
    title: 'Rate, errors and duration of $service',
    collapsed: false,
    repeat: 'service',
    panels: [
      perMethod(handlers.calls(), {
        title: 'Calls',
        description: 'Calls per second by method. Shows the methods with the most calls.',
        unit: 'reqps',
      }),
      perMethod(handlers.ratio('bad'), {
        title: 'Bad calls',
        description:
          'Fraction of calls that count against an objective; 0 without calls. Shows the methods with the highest fraction.',
        unit: 'percentunit',
      }),
      perMethod(handlers.ratio('failed'), {
        title: 'Failed calls',
        description:
          'Fraction of calls that fail in any way, also by exceptions that the IDL declares; 0 without calls. Shows the methods with the highest fraction.',
        unit: 'percentunit',
      }),
      ...[50, 95, 99].map((percent) =>
        perMethod(handlers.latency(percent / 100), {
          title: `p${percent} latency`,
          description: `Time within which ${percent}% of calls settle, by method. Shows the slowest methods. A method without calls has no line.`,
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

/** Shows which errors occur, and in which methods. */
export function errorsRow(handlers: HandlerQueries): RowDraft {
  const byType = handlers.errors(TYPE_LABELS);
  const bad = handlers.bad();
  const failed = handlers.failed();
  return {
    title: 'Errors by type',
    collapsed: false,
    panels: [
      timeSeriesPanel({
        title: 'Errors by type',
        description:
          'Failed calls per second, by class of the error and by whether the IDL declares it. Shows the most frequent errors.',
        unit: 'cps',
        exemplars: true,
        queries: [{ expr: byType && largest(byType), legend: TYPE_LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Bad calls by method',
        description:
          'Calls per second that count against an objective. Shows the methods with the most bad calls.',
        unit: 'cps',
        queries: [{ expr: bad && largest(bad), legend: METHOD_LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Failed calls by method',
        description:
          'Calls per second that fail in any way. Shows the methods with the most failed calls.',
        unit: 'cps',
        queries: [{ expr: failed && largest(failed), legend: METHOD_LEGEND }],
      }),
    ],
  };
}

/** Shows the calls in flight and the age of the oldest. */
export function inFlightRow(handlers: HandlerQueries, builtIn: BuiltInMetrics): RowDraft {
  const active = handlers.inFlight();
  const oldest = `max by (${METHOD_LABELS}) (${builtIn.nameOf('oldestActive')}{${OF_METHOD}})`;
  return {
    title: 'In flight',
    collapsed: true,
    panels: [
      timeSeriesPanel({
        title: 'Calls in flight',
        description:
          'Calls that the handlers are processing. Shows the methods with the most calls in flight.',
        unit: 'short',
        width: 12,
        queries: [{ expr: active && largest(active), legend: METHOD_LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Oldest call in flight',
        description:
          'Age of the oldest call in flight of each method. A line that only rises is a call that hangs.',
        unit: 's',
        width: 12,
        queries: [{ expr: active && largest(oldest), legend: METHOD_LEGEND }],
      }),
    ],
  };
}
