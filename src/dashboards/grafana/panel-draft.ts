import { DATA_SOURCE } from './data-source';
import type { GrafanaFieldConfig, GrafanaPanel, GrafanaTarget, GrafanaThreshold } from './model';

/** The units of the dashboard, as Grafana names them. */
export type Unit = 'reqps' | 'cps' | 'Bps' | 'bytes' | 's' | 'percentunit' | 'short';

/** A panel that has no place in the dashboard yet. */
export interface PanelDraft extends Omit<GrafanaPanel, 'id' | 'gridPos'> {
  readonly width: number;
  readonly height: number;
}

/** A query of a panel. Without expression, since nothing is declared that it could ask for, it is left out. */
export interface Query {
  readonly expr: string | undefined;
  readonly legend: string;
}

/** What every panel says of itself. */
export interface PanelText {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  /** Of 24 columns. */
  readonly width?: number;
  /** What stands in place of values where there are none. */
  readonly noValue?: string;
}

/** Everything is green where nothing else is said. */
export const NO_THRESHOLDS: readonly GrafanaThreshold[] = [{ value: null, color: 'green' }];

/** How a panel asks; as Grafana does for lines over time where nothing else is said. */
type Asking = Partial<Pick<GrafanaTarget, 'format' | 'instant' | 'exemplar'>>;

export function createTarget(
  refId: string,
  expr: string,
  legendFormat: string,
  { format = 'time_series', instant = false, exemplar = false }: Asking = {},
): GrafanaTarget {
  return {
    refId,
    datasource: DATA_SOURCE,
    editorMode: 'code',
    expr,
    legendFormat,
    format,
    instant,
    range: !instant,
    exemplar,
  };
}

export function createTargets(queries: readonly Query[], asking: Asking = {}): GrafanaTarget[] {
  return queries
    .filter(({ expr }) => expr !== undefined)
    .map(({ expr = '', legend }, i) =>
      createTarget(String.fromCodePoint('A'.codePointAt(0)! + i), expr, legend, asking),
    );
}

export function fieldDefaults(
  { unit, noValue = 'no data' }: PanelText,
  thresholds: readonly GrafanaThreshold[] = NO_THRESHOLDS,
): GrafanaFieldConfig['defaults'] {
  return {
    unit,
    noValue,
    color: { mode: thresholds === NO_THRESHOLDS ? 'palette-classic' : 'thresholds' },
    thresholds: { mode: 'absolute', steps: thresholds },
  };
}
