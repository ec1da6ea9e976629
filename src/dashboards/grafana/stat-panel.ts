import { DATA_SOURCE } from './data-source';
import type { GrafanaThreshold } from './model';
import {
  createTargets,
  fieldDefaults,
  type PanelDraft,
  type PanelText,
  type Query,
} from './panel-draft';

export interface StatOptions extends PanelText {
  readonly query: Query;
  readonly thresholds?: readonly GrafanaThreshold[];
}

/** The last value as a number, over a small graph. */
export function statPanel(options: StatOptions): PanelDraft {
  const { title, description, width = 4, query, thresholds } = options;
  return {
    type: 'stat',
    title,
    description,
    width,
    height: 5,
    targets: createTargets([query]),
    transformations: [],
    datasource: DATA_SOURCE,
    fieldConfig: { defaults: { ...fieldDefaults(options, thresholds), min: 0 }, overrides: [] },
    options: {
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      graphMode: 'area',
      colorMode: 'value',
      justifyMode: 'auto',
      textMode: 'auto',
      orientation: 'auto',
      wideLayout: true,
      showPercentChange: false,
      percentChangeColorMode: 'standard',
    },
  };
}
