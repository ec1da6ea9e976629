import { checkOption, checkOptions, isNonEmptyString } from '../validation/options';
import { createAnnotations } from './grafana/annotations';
import { arrange } from './grafana/arrange';
import { declaredFamilies } from './grafana/declared-families';
import { HandlerQueries } from './grafana/handler-queries';
import type { GrafanaDashboard } from './grafana/model';
import { ObjectiveQueries } from './grafana/objective-queries';
import { clientsRow } from './grafana/rows/clients';
import { connectionsRow } from './grafana/rows/connections';
import { errorsRow } from './grafana/rows/errors';
import { inFlightRow } from './grafana/rows/in-flight';
import { latencyRow } from './grafana/rows/latency';
import { messagesRow } from './grafana/rows/messages';
import { objectivesRow } from './grafana/rows/objectives';
import { overviewRow } from './grafana/rows/overview';
import { processHealthRow } from './grafana/rows/process-health';
import { redRow } from './grafana/rows/red';
import { slowestMethodsRow } from './grafana/rows/slowest-methods';
import { createVariables } from './grafana/variables';

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
