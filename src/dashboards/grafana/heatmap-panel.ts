import { DATA_SOURCE } from './data-source';
import { createTargets, fieldDefaults, type PanelDraft, type PanelText } from './panel-draft';

export interface HeatmapOptions extends PanelText {
  /** The increase of each bucket. */
  readonly expr: string;
}

/** How many observations fell where, over time: classic buckets by their upper bound, native ones as they come. */
export function heatmapPanel(options: HeatmapOptions): PanelDraft {
  const { title, description, width = 24, unit, expr } = options;
  return {
    type: 'heatmap',
    title,
    description,
    width,
    height: 10,
    targets: createTargets([{ expr, legend: '{{le}}' }], { format: 'heatmap', exemplar: true }),
    transformations: [],
    datasource: DATA_SOURCE,
    fieldConfig: {
      defaults: { ...fieldDefaults(options), custom: { scaleDistribution: { type: 'linear' } } },
      overrides: [],
    },
    options: {
      // The buckets are those of the histogram.
      calculate: false,
      color: {
        mode: 'scheme',
        scheme: 'Oranges',
        fill: 'dark-orange',
        scale: 'exponential',
        exponent: 0.5,
        steps: 64,
        reverse: false,
      },
      filterValues: { le: 1e-9 },
      rowsFrame: { layout: 'auto' },
      showValue: 'never',
      cellGap: 1,
      cellValues: { unit: 'short' },
      yAxis: { unit, axisPlacement: 'left', reverse: false },
      legend: { show: true },
      tooltip: { mode: 'single', yHistogram: true, showColorScale: false },
      exemplars: { color: 'rgba(255,0,255,0.7)' },
    },
  };
}
