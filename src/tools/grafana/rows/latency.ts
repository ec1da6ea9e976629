import { groupBy } from '../../group-by';
import type { RowDraft } from '../create-grafana-dashboard';
import { type DeclaredFamily, matchersOf } from '../declared-families';
import { heatmapPanel, type PanelDraft, timeSeriesPanel } from '../panels';
import {
  bucketsOf,
  type HandlerQueries,
  histogramOf,
  isSummary,
  largest,
  METHOD_LEGEND,
  OF_METHOD,
} from '../queries';

/** How latencies are spread: a heatmap for each set of buckets, and the quantiles of summaries. */
export function latencyRow(handlers: HandlerQueries): RowDraft {
  const { timed } = handlers.families;
  const quantiles = handlers.summaryQuantiles();
  return {
    title: 'Latency heatmap',
    collapsed: false,
    panels: [
      ...timed.filter((family) => !isSummary(family)).flatMap(heatmapsOf),
      timeSeriesPanel({
        title: 'Quantiles of summaries',
        description:
          'Latency quantiles that the processes compute themselves, of methods that declare quantiles in place of buckets: of each the highest among the processes.',
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

/** Only buckets with the same bounds can be added up. */
function heatmapsOf(family: DeclaredFamily): PanelDraft[] {
  const histogram = histogramOf(family);
  const layouts = groupBy(family.metrics, ({ buckets = [] }) => buckets.join(' '));
  if (layouts.size <= 1) {
    return [
      heatmapPanel({
        title: `Latency: ${family.name}`,
        description:
          'How many calls took how long, of all selected methods together. Points are exemplars: calls whose trace is known.',
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
      description: `How many calls took how long, of those among the selected methods that have these buckets: ${listOf(metrics)}. Points are exemplars: calls whose trace is known.`,
      unit: 's',
      width: 12,
      expr: bucketsOf(histogram, selectors),
    });
  });
}

const METHODS_NAMED = 10;

function listOf(metrics: DeclaredFamily['metrics']): string {
  const names = metrics
    .slice(0, METHODS_NAMED)
    .map(({ service, method }) => `${service}.${method}`);
  const others = metrics.length - names.length;
  return others > 0 ? `${names.join(', ')} and ${others} more` : names.join(', ');
}
