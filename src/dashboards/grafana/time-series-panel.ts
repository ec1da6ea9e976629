import { DATA_SOURCE } from './data-source';
import type { GrafanaThreshold } from './model';
import {
  createTargets,
  fieldDefaults,
  NO_THRESHOLDS,
  type PanelDraft,
  type PanelText,
  type Query,
} from './panel-draft';

export interface TimeSeriesOptions extends PanelText {
  readonly queries: readonly Query[];
  /** Asks for exemplars, too: for latencies and errors, which have some. */
  readonly exemplars?: boolean;
  /** Lines across the panel. */
  readonly thresholds?: readonly GrafanaThreshold[];
}

/** Lines over time, with a legend that tells the largest first. */
export function timeSeriesPanel(options: TimeSeriesOptions): PanelDraft {
  const { title, description, width = 8, queries, exemplars = false, thresholds } = options;
  return {
    type: 'timeseries',
    title,
    description,
    width,
    height: 9,
    targets: createTargets(queries, { exemplar: exemplars }),
    transformations: [],
    datasource: DATA_SOURCE,
    fieldConfig: {
      defaults: {
        ...fieldDefaults(options),
        min: 0,
        thresholds: { mode: 'absolute', steps: thresholds ?? NO_THRESHOLDS },
        custom: {
          drawStyle: 'line',
          lineWidth: 1,
          fillOpacity: 0,
          showPoints: 'never',
          spanNulls: false,
          thresholdsStyle: { mode: thresholds === undefined ? 'off' : 'line' },
        },
      },
      overrides: [],
    },
    options: {
      legend: {
        showLegend: true,
        displayMode: 'table',
        placement: 'bottom',
        calcs: ['lastNotNull', 'max'],
        sortBy: 'Max',
        sortDesc: true,
      },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  };
}
