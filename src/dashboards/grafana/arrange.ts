import type { GrafanaPanel, GrafanaRow } from './model';
import type { PanelDraft } from './panel-draft';

/** A row before its panels have their places. */
export interface RowDraft {
  readonly title: string;
  /** Collapsed rows ask Prometheus for nothing until they are opened. */
  readonly collapsed: boolean;
  readonly repeat?: 'service';
  readonly panels: readonly PanelDraft[];
}

const COLUMNS = 24;

/** Gives rows and panels their ids and places. Panels that have nothing to ask for are left out, and so are rows of them. */
export function arrange(rows: readonly RowDraft[]): (GrafanaPanel | GrafanaRow)[] {
  const arranged: (GrafanaPanel | GrafanaRow)[] = [];
  let id = 0;
  let bottom = 0;
  for (const { panels: drafts, title, collapsed, repeat } of rows) {
    const asking = drafts.filter(({ targets }) => targets.length > 0);
    if (asking.length === 0) continue;
    const rowId = ++id;
    const gridPos = { x: 0, y: bottom++, w: COLUMNS, h: 1 };
    let [x, y] = [0, bottom];
    const panels = asking.map(({ width, height, ...panel }): GrafanaPanel => {
      if (x + width > COLUMNS) [x, y] = [0, bottom];
      const position = { x, y, w: width, h: height };
      x += width;
      bottom = Math.max(bottom, y + height);
      return { id: ++id, ...panel, gridPos: position };
    });
    const row = { id: rowId, type: 'row', title, collapsed, gridPos } as const;
    arranged.push({ ...row, panels: collapsed ? panels : [], ...(repeat && { repeat }) });
    if (!collapsed) arranged.push(...panels);
  }
  return arranged;
}
