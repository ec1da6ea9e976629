import type {
  GrafanaDashboard,
  GrafanaPanel,
  GrafanaRow,
  GrafanaTarget,
} from '../../../src/tools/grafana/model';

/** A panel and the row it is in. */
export interface PlacedPanel {
  readonly row: GrafanaRow;
  readonly panel: GrafanaPanel;
}

/** A query of a panel. */
export interface PlacedQuery extends PlacedPanel {
  readonly target: GrafanaTarget;
  /** Row, panel and query, for the names of tests. */
  readonly place: string;
}

/** All panels in order, including those of collapsed rows. */
export function panelsOf({ panels }: GrafanaDashboard): PlacedPanel[] {
  const placed: PlacedPanel[] = [];
  let row: GrafanaRow | undefined;
  for (const panel of panels) {
    if (panel.type === 'row') {
      row = panel;
      placed.push(...panel.panels.map((inside) => ({ row: panel, panel: inside })));
    } else {
      if (row === undefined) throw new Error(`${panel.title} is in no row`);
      placed.push({ row, panel });
    }
  }
  return placed;
}

export function queriesOf(dashboard: GrafanaDashboard): PlacedQuery[] {
  return panelsOf(dashboard).flatMap(({ row, panel }) =>
    panel.targets.map((target) => ({
      row,
      panel,
      target,
      place: `${row.title} / ${panel.title} / ${target.refId}`,
    })),
  );
}

/** The expression of the only query of the only panel with this title, or of one column of a table. */
export function expressionOf(dashboard: GrafanaDashboard, title: string, column?: string): string {
  const found = queriesOf(dashboard).filter(
    ({ panel, target }) =>
      panel.title === title && (column === undefined || target.legendFormat === column),
  );
  if (found.length !== 1) throw new Error(`${found.length} queries of ${title}`);
  return found[0]?.target.expr ?? '';
}

/** What Grafana substitutes for variables when everything is selected and Prometheus scrapes every second. */
const ALL: Readonly<Record<string, string>> = {
  job: '.*',
  instance: '.*',
  service: '.*',
  method: '.*',
  top: '20',
  // The larger of four scrape intervals, and one interval plus a step.
  __rate_interval: '4s',
  __range: '600s',
};

/** Substitutes values for `$name` and `${name}`. A variable without a value is an error. */
export function interpolate(
  expression: string,
  chosen: Readonly<Record<string, string>> = {},
): string {
  return expression.replaceAll(/\$(\w+)|\$\{(\w+)\}/g, (_, bare?: string, braced?: string) => {
    const name = bare ?? braced ?? '';
    const value = chosen[name] ?? ALL[name];
    if (value === undefined) throw new Error(`no variable ${name} in ${expression}`);
    return value;
  });
}
