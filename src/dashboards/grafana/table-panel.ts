import { DATA_SOURCE } from './data-source';
import type { GrafanaOverride, GrafanaThreshold } from './model';
import {
  createTargets,
  fieldDefaults,
  type PanelDraft,
  type PanelText,
  type Unit,
} from './panel-draft';

/** A column whose values are the answer to a query. */
interface ValueColumn {
  readonly title: string;
  readonly unit: Unit;
  readonly expr: string | undefined;
  readonly thresholds?: readonly GrafanaThreshold[];
}

export interface TableOptions extends PanelText {
  /** Labels that make a line, with the titles of their columns. */
  readonly labels: Readonly<Record<string, string>>;
  readonly values: readonly ValueColumn[];
  readonly sortBy: { readonly title: string; readonly descending: boolean };
  /** What a click on a cell of a column opens. */
  readonly links?: Readonly<Record<string, { readonly title: string; readonly url: string }>>;
}

/** One line for each label set, made from one instant query for each column. */
export function tablePanel(options: TableOptions): PanelDraft {
  const { title, description, width = 24, labels, sortBy, links = {} } = options;
  const values = options.values.filter(({ expr }) => expr !== undefined);
  const queries = values.map(({ expr, title: legend }) => ({ expr, legend }));
  const targets = createTargets(queries, { format: 'table', instant: true });
  // Grafana names the only value of a panel without the query.
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
          excludeByName: { Time: true },
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

function valueOverride({ title, unit, thresholds }: ValueColumn): GrafanaOverride {
  return override(title, {
    unit,
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
