import type {
  GrafanaFieldConfig,
  GrafanaMapping,
  GrafanaOverride,
  GrafanaPanel,
  GrafanaTarget,
  GrafanaThreshold,
} from './model';
import { DATA_SOURCE } from './variables';

/** Units that panels use, under their names in Grafana. */
type Unit = 'reqps' | 'cps' | 'Bps' | 'bytes' | 's' | 'percentunit' | 'short';

/** A panel without an id and a position. */
export interface PanelDraft extends Omit<GrafanaPanel, 'id' | 'gridPos'> {
  readonly width: number;
  readonly height: number;
}

/** A query of a panel. A query without an expression is omitted. */
interface Query {
  readonly expr: string | undefined;
  readonly legend: string;
}

/** Texts and size of a panel. */
interface PanelText {
  readonly title: string;
  readonly description: string;
  readonly unit: Unit;
  /** In columns, of which a row has 24. */
  readonly width?: number;
  /** Text shown if there are no values. */
  readonly noValue?: string;
  /** Texts shown instead of numbers. */
  readonly mappings?: readonly GrafanaMapping[];
}

/** Shows every value in green. */
const NO_THRESHOLDS: readonly GrafanaThreshold[] = [{ value: null, color: 'green' }];

/** Settings of a query that depend on the type of the panel. The defaults suit lines over time. */
type QuerySettings = Partial<Pick<GrafanaTarget, 'format' | 'instant' | 'exemplar'>>;

export function createTarget(
  refId: string,
  expr: string,
  legendFormat: string,
  { format = 'time_series', instant = false, exemplar = false }: QuerySettings = {},
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

function createTargets(queries: readonly Query[], settings: QuerySettings = {}): GrafanaTarget[] {
  return queries
    .filter(({ expr }) => expr !== undefined)
    .map(({ expr = '', legend }, i) =>
      createTarget(String.fromCodePoint('A'.codePointAt(0)! + i), expr, legend, settings),
    );
}

function fieldDefaults(
  { unit, noValue = 'no data', mappings = [] }: PanelText,
  thresholds: readonly GrafanaThreshold[] = NO_THRESHOLDS,
): GrafanaFieldConfig['defaults'] {
  return {
    unit,
    noValue,
    mappings,
    color: { mode: thresholds === NO_THRESHOLDS ? 'palette-classic' : 'thresholds' },
    thresholds: { mode: 'absolute', steps: thresholds },
  };
}

interface StatOptions extends PanelText {
  readonly query: Query;
  readonly thresholds?: readonly GrafanaThreshold[];
}

/** Creates a panel that shows the last value as a number, over a small graph. */
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

export interface TimeSeriesOptions extends PanelText {
  readonly queries: readonly Query[];
  /** Whether to request exemplars, which latencies and errors have. */
  readonly exemplars?: boolean;
  /** Drawn as lines across the panel. */
  readonly thresholds?: readonly GrafanaThreshold[];
}

/** Creates a panel of lines over time, with a legend sorted by the largest value. */
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

interface HeatmapOptions extends PanelText {
  /** Returns the increase of each bucket. */
  readonly expr: string;
}

/** Creates a panel that shows how observations are distributed over time. Classic buckets are named by their upper bound. */
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
      // Shows the buckets of the histogram instead of computing others.
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

interface NodeGraphOptions extends PanelText {
  /** Returns one series per node, with the labels `id` and `title`. */
  readonly nodes: string;
  /** Returns one series per edge, with the labels `id`, `source` and `target`, the latter two ids of nodes. */
  readonly edges: string;
}

/** Creates a graph of nodes and edges with a number each, from one instant query for each of the two. */
export function nodeGraphPanel(options: NodeGraphOptions): PanelDraft {
  const { title, description, width = 24, unit, nodes, edges } = options;
  const queries = [
    { expr: nodes, legend: 'nodes' },
    { expr: edges, legend: 'edges' },
  ];
  const targets = createTargets(queries, { format: 'table', instant: true });
  return {
    type: 'nodeGraph',
    title,
    description,
    width,
    height: 12,
    targets,
    // Grafana recognizes both tables by the names of their columns: https://grafana.com/docs/grafana/latest/panels-visualizations/visualizations/node-graph/
    transformations: [
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: {},
          renameByName: Object.fromEntries(
            targets.map(({ refId }) => [`Value #${refId}`, 'mainstat']),
          ),
        },
      },
    ],
    datasource: DATA_SOURCE,
    fieldConfig: { defaults: fieldDefaults(options), overrides: [] },
    options: { nodes: { mainStatUnit: unit }, edges: { mainStatUnit: unit } },
  };
}

/** A column whose values come from a query. */
interface ValueColumn {
  readonly title: string;
  readonly unit: Unit;
  readonly expr: string | undefined;
  readonly thresholds?: readonly GrafanaThreshold[];
  readonly mappings?: readonly GrafanaMapping[];
}

interface TableOptions extends PanelText {
  /** Labels that identify a row of the table, with the titles of their columns. */
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly ValueColumn[];
  readonly sortBy: { readonly title: string; readonly descending: boolean };
  /** Labels of the series that the table does not show. */
  readonly hidden?: readonly string[];
  /** Links of the cells, by column. */
  readonly links?: Readonly<Record<string, { readonly title: string; readonly url: string }>>;
}

/** Creates a table with one row per label set, from one instant query per column. */
export function tablePanel(options: TableOptions): PanelDraft {
  const { title, description, width = 24, labels, hidden = [], sortBy, links = {} } = options;
  const values = options.values.filter(({ expr }) => expr !== undefined);
  const queries = values.map(({ expr, title: legend }) => ({ expr, legend }));
  const targets = createTargets(queries, { format: 'table', instant: true });
  // Grafana omits the id of the query from the name of the value if there is only one query.
  const valueNames = targets.map(({ refId }) => (targets.length > 1 ? `Value #${refId}` : 'Value'));
  const titles = values.map((column, i) => [valueNames[i] ?? '', column.title] as const);
  const columns = [...Object.entries(labels), ...titles];
  return {
    type: 'table',
    title,
    description,
    width,
    height: 10,
    targets,
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: Object.fromEntries(['Time', ...hidden].map((name) => [name, true])),
          indexByName: Object.fromEntries(columns.map(([name], i) => [name, i])),
          renameByName: Object.fromEntries(columns),
        },
      },
    ],
    datasource: DATA_SOURCE,
    fieldConfig: {
      defaults: { ...fieldDefaults(options), custom: { align: 'auto', filterable: false } },
      overrides: [
        ...values.map(valueOverride),
        ...Object.entries(links).map(([column, link]) => override(column, { links: [link] })),
      ],
    },
    options: {
      frameIndex: 0,
      showHeader: true,
      cellHeight: 'sm',
      sortBy: [{ displayName: sortBy.title, desc: sortBy.descending }],
    },
  };
}

function valueOverride({ title, unit, thresholds, mappings = [] }: ValueColumn): GrafanaOverride {
  return override(title, {
    unit,
    ...(mappings.length > 0 && { mappings }),
    ...(thresholds !== undefined && {
      thresholds: { mode: 'absolute', steps: thresholds },
      'custom.cellOptions': { type: 'color-text' },
      color: { mode: 'thresholds' },
    }),
  });
}

function override(column: string, properties: Readonly<Record<string, unknown>>): GrafanaOverride {
  return {
    matcher: { id: 'byName', options: column },
    properties: Object.entries(properties).map(([id, value]) => ({ id, value })),
  };
}
