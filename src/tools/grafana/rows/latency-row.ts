import { groupBy } from '../../group-by';
import type { DeclaredFamily } from '../declared-families';
import {
  bucketsOf,
  type Histogram,
  largest,
  matchersOf,
  METHOD_LEGEND,
  OF_METHOD,
} from '../expressions';
import { type HandlerQueries, isSummary } from '../handler-queries';
import type { RowDraft } from '../layout';
import { heatmapPanel, type PanelDraft, timeSeriesPanel } from '../panels';

/** Shows how latencies are distributed: one heatmap per set of buckets, and the quantiles of summaries. */
export function latencyRow(handlers: HandlerQueries): RowDraft {
  const { timed } = handlers.families;
  const quantiles = handlers.summaryQuantiles();
  return {
    title: 'Latency heatmap',
    collapsed: false,
    panels: [
      ...timed
        .filter((family) => !isSummary(family))
        .flatMap((family) => heatmapsOf(family, handlers.histogramOf(family))),
      timeSeriesPanel({
        title: 'Quantiles of summaries',
        description:
          'Latency quantiles of methods that declare quantiles instead of buckets. Shows the highest value among the processes, for the slowest methods.',
        unit: 's',
        width: 24,
        noValue: 'no calls',
        queries: [
          { expr: quantiles && largest(quantiles), legend: `${METHOD_LEGEND} {{quantile}}` },
        ],
      }),
    ],
  };
}

const EXEMPLARS = 'Points are exemplars: calls that link to a trace.';

/** Returns one heatmap per set of bounds, because only buckets with the same bounds can be added up. */
function heatmapsOf(family: DeclaredFamily, histogram: Histogram): PanelDraft[] {
  const layouts = groupBy(family.metrics, ({ buckets = [] }) => buckets.join(' '));
  if (layouts.size <= 1) {
    return [
      heatmapPanel({
        title: `Latency: ${family.name}`,
        description: `Number of calls by latency, over all selected methods. ${EXEMPLARS}`,
        unit: 's',
        expr: bucketsOf(histogram),
      }),
    ];
  }
  return [...layouts.values()].map((metrics) => {
    const buckets = metrics[0]?.buckets ?? [];
    const selectors = matchersOf(metrics).map((matchers) => `${OF_METHOD}, ${matchers}`);
    return heatmapPanel({
      title: `Latency: ${family.name}, ${buckets.length} buckets up to ${buckets.at(-1)} s`,
      description: `Number of calls by latency, over the selected methods that have these buckets: ${listOf(metrics)}. ${EXEMPLARS}`,
      unit: 's',
      width: 12,
      expr: bucketsOf(histogram, selectors),
    });
  });
}

/** Methods that a description names before it only counts the others. */
const METHODS_NAMED = 10;

function listOf(metrics: DeclaredFamily['metrics']): string {
  const names = metrics
    .slice(0, METHODS_NAMED)
    .map(({ service, method }) => `${service}.${method}`);
  const others = metrics.length - names.length;
  return others > 0 ? `${names.join(', ')} and ${others} more` : names.join(', ');
}
