import { checkOption, checkOptions, isNonEmptyString } from '../../validation/checks';
import { declaredFamilies } from './declared-families';
import type { GrafanaAnnotation, GrafanaDashboard, GrafanaPanel, GrafanaRow } from './model';
import { ObjectiveQueries } from './objective-queries';
import { createTarget, type PanelDraft } from './panels';
import { HandlerQueries, OF_INSTANCE } from './queries';
import { clientsRow } from './rows/clients';
import { connectionsRow } from './rows/connections';
import { errorsRow, inFlightRow, overviewRow, redRow, slowestMethodsRow } from './rows/handlers';
import { latencyRow } from './rows/latency';
import { messagesRow } from './rows/messages';
import { objectivesRow } from './rows/objectives';
import { processHealthRow } from './rows/process-health';
import { createVariables, DATA_SOURCE } from './variables';

/** Options of `createGrafanaDashboard`. */
export interface GrafanaDashboardOptions {
  /** The title of the dashboard. Default: `Thrift services`. */
  readonly title?: string | undefined;
  /**
   * What Grafana knows the dashboard by: one that is imported under it again replaces the earlier one. At most 40 letters,
   * digits, `-` and `_`. Default: `thrift-services`.
   */
  readonly uid?: string | undefined;
  /** By which the dashboard is found in Grafana. Default: `thrift`. */
  readonly tags?: readonly string[] | undefined;
}

const WHERE = 'createGrafanaDashboard';

/** That of Grafana 10.4 and 11. */
const SCHEMA_VERSION = 39;

/**
 * Makes a Grafana dashboard for all methods that are declared in this process when it is called: import the modules with
 * the decorated classes first. Returns plain data, to be written as JSON and imported by Grafana 10 or later.
 *
 * It asks for the metrics that were declared, with their own names, prefix, buckets, quantiles and objectives, and for those
 * that this package writes about processors, connections, clients and the process. Where nothing is declared, it asks for
 * the built-in names.
 *
 * @throws ThriftMetricsError `TM_ERR_OPTION_UNKNOWN` and `TM_ERR_OPTION_INVALID` for wrong options.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { createGrafanaDashboard } from 'thrift-metrics/dashboards';
 * import './calculator-handler.js';
 *
 * writeFileSync('dashboard.json', JSON.stringify(createGrafanaDashboard({ title: 'Calculator' })));
 * ```
 */
export function createGrafanaDashboard(options: GrafanaDashboardOptions = {}): GrafanaDashboard {
  checkOptions(WHERE, options, ['title', 'uid', 'tags']);
  const { title = 'Thrift services', uid = 'thrift-services', tags = ['thrift'] } = options;
  checkOption(WHERE, 'title', title, isNonEmptyString, 'a string that is not empty');
  checkOption(WHERE, 'uid', uid, isUid, 'a string of at most 40 letters, digits, - and _');
  checkOption(WHERE, 'tags', tags, isListOfNames, 'a list of strings that are not empty');
  const families = declaredFamilies();
  const handlers = new HandlerQueries(families);
  return {
    uid,
    title,
    description: 'Made by thrift-metrics from the methods that are declared in the services.',
    tags: [...tags],
    timezone: 'browser',
    editable: true,
    graphTooltip: 1,
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    schemaVersion: SCHEMA_VERSION,
    templating: { list: createVariables(families) },
    annotations: { list: createAnnotations() },
    panels: arrange([
      overviewRow(handlers),
      objectivesRow(new ObjectiveQueries()),
      slowestMethodsRow(handlers, uid),
      redRow(handlers),
      latencyRow(handlers),
      errorsRow(handlers),
      inFlightRow(handlers),
      messagesRow(),
      connectionsRow(),
      clientsRow(),
      processHealthRow(),
    ]),
  };
}

function isUid(value: unknown): boolean {
  return typeof value === 'string' && /^[\w-]{1,40}$/.test(value);
}

function isListOfNames(value: unknown): boolean {
  return Array.isArray(value) && value.every(isNonEmptyString);
}

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

const STARTS = `process_start_time_seconds{${OF_INSTANCE}} * 1000`;
const LEGEND = '{{job}} {{instance}}';

/** Marks where a process has started: what follows is of another process, with counters that begin at 0. */
export function createAnnotations(): GrafanaAnnotation[] {
  return [
    {
      name: 'Restarts',
      datasource: DATA_SOURCE,
      enable: true,
      iconColor: 'orange',
      target: createTarget('Anno', STARTS, LEGEND),
      expr: STARTS,
      // Grafana places the mark at the value, in milliseconds.
      useValueForTime: true,
      step: '60s',
      titleFormat: 'Process started',
      textFormat: LEGEND,
      tagKeys: 'job,instance',
    },
  ];
}
