/** Reference to the data source that is selected in the dashboard. */
export interface GrafanaDataSource {
  readonly type: 'prometheus';
  readonly uid: string;
}

/** A query of a panel. */
export interface GrafanaTarget {
  readonly refId: string;
  readonly datasource: GrafanaDataSource;
  readonly editorMode: 'code';
  readonly expr: string;
  readonly legendFormat: string;
  readonly format: 'time_series' | 'table' | 'heatmap';
  readonly instant: boolean;
  readonly range: boolean;
  /** Whether the query also requests exemplars. */
  readonly exemplar: boolean;
}

/** Settings for the fields that a matcher selects. */
export interface GrafanaOverride {
  readonly matcher: { readonly id: string; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

/** A color from a value upward. The first threshold has the value null. */
export interface GrafanaThreshold {
  readonly value: number | null;
  readonly color: string;
}

/** A text that replaces the values in a range. Null stands for no limit. */
export interface GrafanaMapping {
  readonly type: 'range';
  readonly options: {
    readonly from: number | null;
    readonly to: number | null;
    readonly result: { readonly text: string; readonly index: number };
  };
}

/** Unit, colors and links of the values of a panel. */
export interface GrafanaFieldConfig {
  readonly defaults: {
    readonly unit: string;
    readonly min?: number;
    readonly noValue: string;
    readonly mappings: readonly GrafanaMapping[];
    readonly color: { readonly mode: 'palette-classic' | 'thresholds' };
    readonly thresholds: {
      readonly mode: 'absolute';
      readonly steps: readonly GrafanaThreshold[];
    };
    readonly custom?: Readonly<Record<string, unknown>>;
  };
  readonly overrides: readonly GrafanaOverride[];
}

/** Position and size in a grid of 24 columns. */
export interface GrafanaPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

/** A panel with its position. */
export interface GrafanaPanel {
  readonly id: number;
  readonly type: 'timeseries' | 'stat' | 'table' | 'heatmap' | 'nodeGraph';
  readonly title: string;
  readonly description: string;
  readonly datasource: GrafanaDataSource;
  readonly gridPos: GrafanaPosition;
  readonly targets: readonly GrafanaTarget[];
  readonly transformations: readonly { readonly id: string; readonly options: unknown }[];
  readonly fieldConfig: GrafanaFieldConfig;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A row of the dashboard. A collapsed row contains its panels. The panels of an open row follow it. */
export interface GrafanaRow {
  readonly id: number;
  readonly type: 'row';
  readonly title: string;
  readonly collapsed: boolean;
  readonly gridPos: GrafanaPosition;
  readonly panels: readonly GrafanaPanel[];
  /** Variable whose selected values each get a row. */
  readonly repeat?: string;
}

/** A value of a variable. */
export interface GrafanaVariableOption {
  readonly selected?: boolean;
  readonly text: string | readonly string[];
  readonly value: string | readonly string[];
}

/** A variable that is selected at the top of the dashboard. */
export interface GrafanaVariable {
  readonly type: 'datasource' | 'query' | 'custom';
  readonly name: string;
  readonly label: string;
  readonly description: string;
  readonly query: string | { readonly query: string; readonly refId: string; readonly qryType: 1 };
  readonly datasource?: GrafanaDataSource;
  readonly definition?: string;
  readonly multi: boolean;
  readonly includeAll: boolean;
  readonly allValue?: string;
  /** When Grafana reads the values: 1 when the dashboard is loaded, 2 when its time range changes. */
  readonly refresh?: 1 | 2;
  /** 1 sorts the values alphabetically. */
  readonly sort?: 1;
  readonly current?: GrafanaVariableOption;
  readonly options?: readonly GrafanaVariableOption[];
}

/** Marks at moments that a query returns, across all panels. */
export interface GrafanaAnnotation {
  readonly name: string;
  readonly datasource: GrafanaDataSource;
  readonly enable: boolean;
  readonly iconColor: string;
  /** The query, as Grafana 11 reads it. */
  readonly target: GrafanaTarget;
  /** The same query, as Grafana 10 reads it. */
  readonly expr: string;
  readonly step: string;
  readonly titleFormat: string;
  readonly textFormat: string;
  readonly tagKeys: string;
  readonly useValueForTime: boolean;
}

/** A link at the top of the dashboard. */
export interface GrafanaLink {
  readonly type: 'link';
  readonly title: string;
  readonly url: string;
  readonly tooltip: string;
  readonly icon: 'doc';
  readonly tags: readonly string[];
  readonly asDropdown: boolean;
  readonly targetBlank: boolean;
  readonly includeVars: boolean;
  readonly keepTime: boolean;
}

/** A dashboard in the JSON model of Grafana, which Grafana 10 and later import. */
export interface GrafanaDashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly timezone: 'browser';
  readonly editable: boolean;
  /** 1 shows the cursor in all panels. */
  readonly graphTooltip: 1;
  readonly time: { readonly from: string; readonly to: string };
  readonly refresh: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly GrafanaVariable[] };
  readonly annotations: { readonly list: readonly GrafanaAnnotation[] };
  readonly links: readonly GrafanaLink[];
  readonly panels: readonly (GrafanaPanel | GrafanaRow)[];
}
