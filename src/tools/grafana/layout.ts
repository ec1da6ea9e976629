import type { GrafanaPanel, GrafanaRow } from './model';
import type { PanelDraft } from './panels';

/** A row whose panels do not have positions yet. */
export interface RowDraft {
  readonly title: string;
  /** A collapsed row does not query Prometheus until it is opened. */
  readonly collapsed: boolean;
  readonly repeat?: 'service' | 'method';
  readonly panels: readonly PanelDraft[];
}

const COLUMNS = 24;

/** Assigns ids and positions to rows and panels. Omits panels without queries, and rows without panels. */
export function arrange(rows: readonly RowDraft[]): (GrafanaPanel | GrafanaRow)[] {
  const arranged: (GrafanaPanel | GrafanaRow)[] = [];
  let id = 0;
  let bottom = 0;
  for (const { panels: drafts, title, collapsed, repeat } of rows) {
    const shown = drafts.filter(({ targets }) => targets.length > 0);
    if (shown.length === 0) continue;
    const rowId = ++id;
    const gridPos = { x: 0, y: bottom++, w: COLUMNS, h: 1 };
    let [x, y] = [0, bottom];
    const panels = shown.map(({ width, height, ...panel }): GrafanaPanel => {
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
