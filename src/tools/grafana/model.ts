/** What refers to the data source: the variable of the dashboard, never one data source. */
export interface GrafanaDataSource {
  readonly type: 'prometheus';
  readonly uid: string;
}

/** One query of a panel. */
export interface GrafanaTarget {
  readonly refId: string;
  readonly datasource: GrafanaDataSource;
  readonly editorMode: 'code';
  readonly expr: string;
  readonly legendFormat: string;
  readonly format: 'time_series' | 'table' | 'heatmap';
  readonly instant: boolean;
  readonly range: boolean;
  /** Whether the exemplars of the series are asked for, too. */
  readonly exemplar: boolean;
}

/** What holds for the fields of a panel that a matcher names. */
export interface GrafanaOverride {
  readonly matcher: { readonly id: string; readonly options: string };
  readonly properties: readonly { readonly id: string; readonly value: unknown }[];
}

export interface GrafanaThreshold {
  readonly value: number | null;
  readonly color: string;
}

export interface GrafanaFieldConfig {
  readonly defaults: {
    readonly unit: string;
    readonly min?: number;
    readonly noValue: string;
    readonly color: { readonly mode: 'palette-classic' | 'thresholds' };
    readonly thresholds: {
      readonly mode: 'absolute';
      readonly steps: readonly GrafanaThreshold[];
    };
    readonly custom?: Readonly<Record<string, unknown>>;
  };
  readonly overrides: readonly GrafanaOverride[];
}

export interface GrafanaPosition {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

export interface GrafanaPanel {
  readonly id: number;
  readonly type: 'timeseries' | 'stat' | 'table' | 'heatmap';
  readonly title: string;
  readonly description: string;
  readonly datasource: GrafanaDataSource;
  readonly gridPos: GrafanaPosition;
  readonly targets: readonly GrafanaTarget[];
  readonly transformations: readonly { readonly id: string; readonly options: unknown }[];
  readonly fieldConfig: GrafanaFieldConfig;
  readonly options: Readonly<Record<string, unknown>>;
}

/** A row of the dashboard. Panels of a collapsed row stand in it, those of an open one behind it. */
export interface GrafanaRow {
  readonly id: number;
  readonly type: 'row';
  readonly title: string;
  readonly collapsed: boolean;
  readonly gridPos: GrafanaPosition;
  readonly panels: readonly GrafanaPanel[];
  /** The variable of which each value has a row of its own. */
  readonly repeat?: string;
}

export interface GrafanaVariableOption {
  readonly selected?: boolean;
  readonly text: string | readonly string[];
  readonly value: string | readonly string[];
}

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
  /** 1: when the dashboard is loaded; 2: when its time range changes. */
  readonly refresh?: 1 | 2;
  /** 1: in alphabetical order. */
  readonly sort?: 1;
  readonly current?: GrafanaVariableOption;
  readonly options?: readonly GrafanaVariableOption[];
}

export interface GrafanaAnnotation {
  readonly name: string;
  readonly datasource: GrafanaDataSource;
  readonly enable: boolean;
  readonly iconColor: string;
  /** The query where Grafana 11 looks for it. */
  readonly target: GrafanaTarget;
  /** The same where Grafana 10 looks for it. */
  readonly expr: string;
  readonly step: string;
  readonly titleFormat: string;
  readonly textFormat: string;
  readonly tagKeys: string;
  readonly useValueForTime: boolean;
}

/** A dashboard as Grafana 10 and 11 import it: plain data, to be written as JSON. */
export interface GrafanaDashboard {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly string[];
  readonly timezone: 'browser';
  readonly editable: boolean;
  /** 1: the cursor shows in all panels. */
  readonly graphTooltip: 1;
  readonly time: { readonly from: string; readonly to: string };
  readonly refresh: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly GrafanaVariable[] };
  readonly annotations: { readonly list: readonly GrafanaAnnotation[] };
  readonly panels: readonly (GrafanaPanel | GrafanaRow)[];
}
