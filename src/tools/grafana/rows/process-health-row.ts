import { LABEL } from '../../../metrics/catalogue';
import type { BuiltInMetrics } from '../built-in-metrics';
import { OF_INSTANCE, sumOfRate } from '../expressions';
import type { RowDraft } from '../layout';
import type { GrafanaMapping, GrafanaThreshold } from '../model';
import { tablePanel, timeSeriesPanel } from '../panels';

const LEGEND = '{{job}} {{instance}}';

const UP_THRESHOLDS: readonly GrafanaThreshold[] = [
  { value: null, color: 'red' },
  { value: 1, color: 'green' },
];
const UP_TEXTS: readonly GrafanaMapping[] = ['down', 'up'].map((text, value) => ({
  type: 'range',
  options: { from: value, to: value, result: { text, index: value } },
}));

/**
 * Shows the scrape targets, the client library's process metrics, and faults of the metrics code.
 *
 * @param pageUrl URL of the live page of a target, with `{instance}` for its label
 */
export function processHealthRow(builtIn: BuiltInMetrics, pageUrl: string): RowDraft {
  return {
    title: 'Process health',
    collapsed: true,
    panels: [
      tablePanel({
        title: 'Targets',
        description:
          'The selected scrape targets. Click an instance to open the live page of the process.',
        unit: 'short',
        width: 8,
        labels: { job: 'Job', instance: 'Instance' },
        values: [
          {
            title: 'State',
            unit: 'short',
            expr: `sum by (job, instance) (up{${OF_INSTANCE}})`,
            thresholds: UP_THRESHOLDS,
            mappings: UP_TEXTS,
          },
        ],
        sortBy: { title: 'State', descending: false },
        links: {
          Instance: {
            title: 'Open the live page',
            url: pageUrl.replaceAll('{instance}', '${__data.fields.Instance}'),
          },
        },
      }),
      tablePanel({
        title: 'Versions',
        description: 'Versions of the package, Node.js and Thrift, and the number of processes.',
        unit: 'short',
        width: 8,
        labels: {
          [LABEL.version]: 'thrift-metrics',
          [LABEL.nodeVersion]: 'Node.js',
          [LABEL.thriftVersion]: 'Thrift',
        },
        values: [
          {
            title: 'Processes',
            unit: 'short',
            expr: `count by (${LABEL.version}, ${LABEL.nodeVersion}, ${LABEL.thriftVersion}) (${builtIn.nameOf('info')}{${OF_INSTANCE}})`,
          },
        ],
        sortBy: { title: 'Processes', descending: true },
      }),
      timeSeriesPanel({
        title: 'CPU',
        description:
          'Fraction of one core that each process uses. JavaScript runs on a single core, so calls have to wait when the fraction is close to 100%.',
        unit: 'percentunit',
        queries: [
          {
            expr: sumOfRate('job, instance', `process_cpu_seconds_total{${OF_INSTANCE}}`),
            legend: LEGEND,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Event loop lag',
        description:
          'Delay of timers in the event loop: the 99th percentile since the last scrape. Calls are delayed by the same time.',
        unit: 's',
        queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${OF_INSTANCE}}`, legend: LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Garbage collection',
        description:
          'Fraction of time that each process spends collecting garbage, by kind of collection.',
        unit: 'percentunit',
        queries: [
          {
            expr: sumOfRate('instance, kind', `nodejs_gc_duration_seconds_sum{${OF_INSTANCE}}`),
            legend: '{{instance}} {{kind}}',
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Memory',
        description: 'Memory of each process: resident, and used on the JavaScript heap.',
        unit: 'bytes',
        queries: [
          {
            expr: `process_resident_memory_bytes{${OF_INSTANCE}}`,
            legend: '{{instance}} resident',
          },
          { expr: `nodejs_heap_size_used_bytes{${OF_INSTANCE}}`, legend: '{{instance}} heap' },
        ],
      }),
      timeSeriesPanel({
        title: 'Open files',
        description:
          'Fraction of the allowed file descriptors that each process uses. Every connection uses one. Available on Linux only.',
        unit: 'percentunit',
        queries: [
          {
            expr: `process_open_fds{${OF_INSTANCE}} / process_max_fds{${OF_INSTANCE}}`,
            legend: LEGEND,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Faults of the metrics code',
        description:
          'Faults per second in the metrics code, which do not affect calls, and values per second recorded under _other because a metric has too many series. Both should be 0.',
        unit: 'cps',
        queries: [
          {
            expr: sumOfRate(LABEL.site, `${builtIn.nameOf('internalErrors')}{${OF_INSTANCE}}`),
            legend: `fault in {{${LABEL.site}}}`,
          },
          {
            expr: sumOfRate(LABEL.metric, `${builtIn.nameOf('droppedSeries')}{${OF_INSTANCE}}`),
            legend: `too many series of {{${LABEL.metric}}}`,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Expired series',
        description:
          'Series per second that were removed because nothing had been recorded in them for the time that expireAfter sets. Empty without that setting.',
        unit: 'cps',
        queries: [
          {
            expr: sumOfRate(LABEL.metric, `${builtIn.nameOf('expiredSeries')}{${OF_INSTANCE}}`),
            legend: `{{${LABEL.metric}}}`,
          },
        ],
      }),
    ],
  };
}
