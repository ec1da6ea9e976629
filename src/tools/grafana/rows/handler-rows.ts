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

/** Green up to the first value, orange up to the second, then red. */
function limits(noticeable: number, incident: number): readonly GrafanaThreshold[] {
  return [
    { value: null, color: 'green' },
    { value: noticeable, color: 'orange' },
    { value: incident, color: 'red' },
  ];
}

/** One bad call in a hundred is noticeable, and one in twenty is an incident. */
const BAD_LIMITS = limits(0.01, 0.05);

/** Failed calls include declared exceptions, of which many services have some. */
const FAILED_LIMITS = limits(0.1, 0.5);

/** What a caller notices, and what it gives up on. In seconds. */
const LATENCY_LIMITS = limits(1, 5);

/** A call that runs for a minute rarely ends by itself. In seconds. */
const AGE_LIMITS = limits(10, 60);

/** Calls in flight share one thread. */
const IN_FLIGHT_LIMITS = limits(100, 1000);

/** Red if there are none. */
const SOME: readonly GrafanaThreshold[] = [
  { value: null, color: 'red' },
  { value: Number.MIN_VALUE, color: 'green' },
];

const ALL_UP: readonly GrafanaThreshold[] = [
  { value: null, color: 'red' },
  { value: 0.5, color: 'orange' },
  { value: 1, color: 'green' },
];

/** Shows the state of the selected methods in eight numbers. */
export function overviewRow(handlers: HandlerQueries, builtIn: BuiltInMetrics): RowDraft {
  const oldest = `max(${builtIn.nameOf('oldestActive')}{${OF_METHOD}})`;
  return {
    title: 'Overview',
    collapsed: false,
    panels: [
      statPanel({
        width: 3,
        title: 'Targets up',
        description: 'Fraction of the selected scrape targets that Prometheus can scrape.',
        unit: 'percentunit',
        thresholds: ALL_UP,
        query: { expr: `avg(up{${OF_INSTANCE}})`, legend: 'up' },
      }),
      statPanel({
        width: 3,
        title: 'Calls per second',
        description: 'Rate of calls that reach the handlers of the selected methods.',
        unit: 'reqps',
        thresholds: SOME,
        query: { expr: total('sum', handlers.calls()), legend: 'calls' },
      }),
      statPanel({
        width: 3,
        title: 'Bad calls',
        description:
          'Fraction of calls that count against an objective: failed calls, except those with an exception that the IDL declares; 0 without calls.',
        unit: 'percentunit',
        thresholds: BAD_LIMITS,
        query: { expr: handlers.totalRatio('bad'), legend: 'bad' },
      }),
      statPanel({
        width: 3,
        title: 'Failed calls',
        description: 'Fraction of calls that fail, including declared exceptions; 0 without calls.',
        unit: 'percentunit',
        thresholds: FAILED_LIMITS,
        query: { expr: handlers.totalRatio('failed'), legend: 'failed' },
      }),
      statPanel({
        width: 3,
        title: 'p95 of the slowest method',
        description:
          'Highest 95th percentile of latency among the selected methods. Methods may have different buckets, so there is no percentile over all of them.',
        unit: 's',
        noValue: 'no calls',
        thresholds: LATENCY_LIMITS,
        mappings: handlers.outsideBuckets(),
        query: { expr: total('max', handlers.latency(0.95)), legend: 'p95' },
      }),
      statPanel({
        width: 3,
        title: 'Calls in flight',
        description: 'Calls that the handlers are processing now.',
        unit: 'short',
        thresholds: IN_FLIGHT_LIMITS,
        query: { expr: total('sum', handlers.inFlight()), legend: 'in flight' },
      }),
      statPanel({
        width: 3,
        title: 'Oldest call in flight',
        description: 'Age of the oldest call in flight. It keeps growing while a call hangs.',
        unit: 's',
        thresholds: AGE_LIMITS,
        query: { expr: handlers.inFlight() && oldest, legend: 'oldest' },
      }),
      statPanel({
        width: 3,
        title: 'Processes',
        description: 'Scraped processes. Only processes that export process metrics are counted.',
        unit: 'short',
        thresholds: SOME,
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
          ...QUANTILES.map((quantile) => ({
            title: nameOf(quantile),
            unit: 's' as const,
            expr: handlers.latency(quantile, RANGE),
            mappings: handlers.outsideBuckets(),
          })),
          { title: 'Calls per second', unit: 'reqps', expr: handlers.calls(RANGE) },
          {
            title: 'Bad calls',
            unit: 'percentunit',
            expr: handlers.ratio('bad', RANGE),
            thresholds: BAD_LIMITS,
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
      perMethod((range) => handlers.calls(range), {
        title: 'Calls',
        description: 'Calls per second by method. Shows the methods with the most calls.',
        unit: 'reqps',
      }),
      perMethod((range) => handlers.ratio('bad', range), {
        title: 'Bad calls',
        description:
          'Fraction of calls that count against an objective; 0 without calls. Shows the methods with the highest fraction.',
        unit: 'percentunit',
      }),
      perMethod((range) => handlers.ratio('failed', range), {
        title: 'Failed calls',
        description:
          'Fraction of calls that fail, including declared exceptions; 0 without calls. Shows the methods with the highest fraction.',
        unit: 'percentunit',
      }),
      timeSeriesPanel({
        title: 'Latency',
        description:
          'Time within which 50%, 95% and 99% of calls finish: three lines for each of the slowest methods. A method without calls has no lines. Choose one method to see only its three.',
        unit: 's',
        width: 24,
        noValue: 'no calls',
        exemplars: true,
        mappings: handlers.outsideBuckets(),
        queries: QUANTILES.map((quantile) => ({
          expr: largest((range) => handlers.latency(quantile, range), `/${QUANTILES.length}`),
          legend: `${METHOD_LEGEND} ${nameOf(quantile)}`,
        })),
      }),
    ],
  };
}

const QUANTILES = [0.5, 0.95, 0.99] as const;

const nameOf = (quantile: number): string => `p${quantile * 100}`;

function perMethod(
  expression: OverRange<string | undefined>,
  options: Omit<TimeSeriesOptions, 'queries'>,
): PanelDraft {
  return timeSeriesPanel({
    ...options,
    queries: [{ expr: largest(expression), legend: METHOD_LEGEND }],
  });
}

const TYPE_LABELS = `${LABEL.exceptionType}, ${LABEL.exceptionKind}`;
const TYPE_LEGEND = `{{${LABEL.exceptionType}}} ({{${LABEL.exceptionKind}}})`;

/** Shows which errors occur, and in which methods. */
export function errorsRow(handlers: HandlerQueries): RowDraft {
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
        queries: [
          { expr: largest((range) => handlers.errors(TYPE_LABELS, range)), legend: TYPE_LEGEND },
        ],
      }),
      perMethod((range) => handlers.bad(range), {
        title: 'Bad calls by method',
        description:
          'Calls per second that count against an objective. Shows the methods with the most bad calls.',
        unit: 'cps',
      }),
      perMethod((range) => handlers.failed(range), {
        title: 'Failed calls by method',
        description:
          'Calls per second that fail, including declared exceptions. Shows the methods with the most failed calls.',
        unit: 'cps',
      }),
    ],
  };
}

/** Shows the calls in flight and the age of the oldest. */
export function inFlightRow(handlers: HandlerQueries, builtIn: BuiltInMetrics): RowDraft {
  const isMeasured = handlers.inFlight() !== undefined;
  const oldest = gaugeOf('max', METHOD_LABELS, `${builtIn.nameOf('oldestActive')}{${OF_METHOD}}`);
  return {
    title: 'In flight',
    collapsed: true,
    panels: [
      perMethod((range) => handlers.inFlight(range), {
        title: 'Calls in flight',
        description:
          'Calls that the handlers are processing. Shows the methods with the most calls in flight.',
        unit: 'short',
        width: 12,
      }),
      perMethod((range) => (isMeasured ? oldest(range) : undefined), {
        title: 'Oldest call in flight',
        description:
          'Age of the oldest call in flight of each method. A line that only rises is a call that hangs.',
        unit: 's',
        width: 12,
      }),
    ],
  };
}
