import type {
  GrafanaDashboard,
  GrafanaPanel,
  GrafanaRow,
  GrafanaTarget,
} from '../../src/tools/grafana/model';

/** A panel, and the title of the row that it is in. */
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

/** All panels, those of collapsed rows too, in their order. */
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

/** The expression of the one query of the one panel with this title; of a table, of the column. */
export function expressionOf(dashboard: GrafanaDashboard, title: string, column?: string): string {
  const found = queriesOf(dashboard).filter(
    ({ panel, target }) =>
      panel.title === title && (column === undefined || target.legendFormat === column),
  );
  if (found.length !== 1) throw new Error(`${found.length} queries of ${title}`);
  return found[0]?.target.expr ?? '';
}

/** What Grafana puts in for variables where all of each is chosen, and Prometheus is scraped every second. */
const ALL: Readonly<Record<string, string>> = {
  job: '.*',
  instance: '.*',
  service: '.*',
  method: '.*',
  top: '20',
  // The largest of four scrape intervals, and of one and a step.
  __rate_interval: '4s',
  __range: '600s',
};

/** Puts values in for `$name` and `${name}`. One that there is no value for is an error. */
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
