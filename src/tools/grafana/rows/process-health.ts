import { LABEL } from '../../../metrics/catalogue';
import type { RowDraft } from '../create-grafana-dashboard';
import { metricName } from '../declared-families';
import { OF_INSTANCE, sumOfRate } from '../queries';
import { timeSeriesPanel } from '../panels';

const LEGEND = '{{job}} {{instance}}';

/** The processes themselves, by the process metrics of the client library, and the metrics themselves. */
export function processHealthRow(): RowDraft {
  return {
    title: 'Process health',
    collapsed: true,
    panels: [
      timeSeriesPanel({
        title: 'CPU',
        description:
          'Share of one core that each process uses. JavaScript runs on one: near 100 % calls wait for it.',
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
          'How late the event loop gets to its timers, at the 99th percentile since the last scrape. Every call waits that long.',
        unit: 's',
        queries: [{ expr: `nodejs_eventloop_lag_p99_seconds{${OF_INSTANCE}}`, legend: LEGEND }],
      }),
      timeSeriesPanel({
        title: 'Garbage collection',
        description: 'Share of the time that each process collects garbage, by kind of collection.',
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
        description: 'Memory of each process: resident, and used of the heap of JavaScript.',
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
          'Share of the file descriptors that each process may have and uses: connections are among them. On Linux only.',
        unit: 'percentunit',
        queries: [
          {
            expr: `process_open_fds{${OF_INSTANCE}} / process_max_fds{${OF_INSTANCE}}`,
            legend: LEGEND,
          },
        ],
      }),
      timeSeriesPanel({
        title: 'Faults of metrics',
        description:
          'Per second: faults of metrics code that were kept away from the calls, by where, and recordings that went to the series _other because a metric has too many, by metric. Both are to be 0.',
        unit: 'cps',
        queries: [
          {
            expr: sumOfRate(LABEL.site, `${metricName('internalErrors')}{${OF_INSTANCE}}`),
            legend: `fault in {{${LABEL.site}}}`,
          },
          {
            expr: sumOfRate(LABEL.metric, `${metricName('droppedSeries')}{${OF_INSTANCE}}`),
            legend: `too many series of {{${LABEL.metric}}}`,
          },
        ],
      }),
    ],
  };
}
