import { declaredMethods } from '../../declaration/describe';
import { LABEL } from '../../metrics/catalogue';
import { currentRuntime } from '../../runtime/runtime';
import {
  checkOptionTable,
  isBoolean,
  isNonEmptyString,
  isUrlTemplate,
  mustBe,
  type OptionTable,
} from '../../validation/checks';
import { checkHistogramStorage } from '../histogram-expressions';
import { bandedMethods } from '../rules/anomaly-group';
import { spellLabels } from '../label-spelling';
import { BuiltInMetrics } from './built-in-metrics';
import { declaredFamilies } from './declared-families';
import { OF_INSTANCE } from './expressions';
import { HandlerQueries } from './handler-queries';
import { arrange } from './layout';
import type { GrafanaAnnotation, GrafanaDashboard, GrafanaLink } from './model';
import { ObjectiveQueries } from './objective-queries';
import { createTarget } from './panels';
import { anomaliesRow } from './rows/anomalies-row';
import { callersRow } from './rows/callers-row';
import { clientsRow } from './rows/clients-row';
import { connectionsRow } from './rows/connections-row';
import { eventLoopRow } from './rows/event-loop-row';
import {
  errorsRow,
  inFlightRow,
  overviewRow,
  redRow,
  slowestMethodsRow,
} from './rows/handler-rows';
import { latencyRow } from './rows/latency-row';
import { messagesRow } from './rows/messages-row';
import { objectivesRow } from './rows/objectives-row';
import { processHealthRow } from './rows/process-health-row';
import { createVariables, DATA_SOURCE } from './variables';

/** Options of {@link createGrafanaDashboard}. */
export interface GrafanaDashboardOptions {
  /**
   * Title of the dashboard.
   *
   * @default 'Thrift services'
   */
  readonly title?: string | undefined;
  /**
   * Identifier of the dashboard in Grafana. Importing a dashboard replaces the one with the same identifier. At most 40
   * letters, digits, `-` and `_`.
   *
   * @default 'thrift-services'
   */
  readonly uid?: string | undefined;
  /**
   * Tags of the dashboard, for searching in Grafana.
   *
   * @default ['thrift']
   */
  readonly tags?: readonly string[] | undefined;
  /**
   * Where error budgets and burn rates come from: the series that the rules of `createPrometheusRules` record, or the
   * metrics themselves, which makes Prometheus read the whole window of each objective at every refresh.
   *
   * @default 'recorded'
   */
  readonly objectives?: 'recorded' | 'raw' | undefined;
  /**
   * How Prometheus stores histograms: `any` reads classic buckets, native ones, both, and native ones with custom buckets.
   * `classic` leaves out the functions of native histograms, for databases that lack them.
   *
   * @default 'any'
   */
  readonly histograms?: 'any' | 'classic' | undefined;
  /**
   * URL that the dashboard links to as its runbook.
   *
   * @default no link
   */
  readonly runbookUrl?: string | undefined;
  /**
   * URL of the live page of a process, to which the list of scrape targets links. A placeholder `instance` in braces stands
   * for the instance label.
   *
   * @default the instance label as host and port, with http
   */
  readonly pageUrl?: string | undefined;
  /**
   * Also shows the bands that rules with the option `anomalies` record.
   *
   * @default only for the methods to which `configureMetrics({ rules })` gives bands
   */
  readonly anomalies?: boolean | undefined;
}

const WHERE = 'createGrafanaDashboard';

const OPTIONS: OptionTable<GrafanaDashboardOptions> = {
  title: mustBe(isNonEmptyString, 'a string that is not empty'),
  uid: mustBe(
    (value: unknown) => typeof value === 'string' && /^[\w-]{1,40}$/.test(value),
    'a string of at most 40 letters, digits, - and _',
  ),
  tags: mustBe(
    (value: unknown) => Array.isArray(value) && value.every(isNonEmptyString),
    'a list of strings that are not empty',
  ),
  objectives: mustBe((value) => value === 'recorded' || value === 'raw', "'recorded' or 'raw'"),
  histograms: checkHistogramStorage,
  runbookUrl: mustBe(isUrl, "an http or https URL, such as 'https://wiki.example.com/thrift'"),
  pageUrl: mustBe(isUrl, "an http or https URL, such as 'https://{instance}/'"),
  anomalies: mustBe(isBoolean, 'true or false'),
};

function isUrl(value: unknown): boolean {
  return isUrlTemplate(value, (template) => template.replaceAll('{instance}', 'localhost'));
}

/** Schema version of Grafana 10.4 and 11. */
const SCHEMA_VERSION = 39;

/**
 * Creates a Grafana dashboard for all methods that are declared in this process when it is called. Import the modules
 * with the decorated classes first. Returns plain data, which Grafana 10 or later imports as JSON.
 *
 * The dashboard queries the declared metrics with their names, prefix, buckets, quantiles and objectives, and the
 * metrics of processors, connections, clients and the process. If nothing is declared, it queries the built-in handler
 * metrics.
 *
 * @throws `ThriftMetricsError` `TM_ERR_OPTION_UNKNOWN` or `TM_ERR_OPTION_INVALID` if an option is wrong.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { createGrafanaDashboard } from 'thrift-metrics/dashboards';
 * import './calculator-handler.js';
 *
 * const dashboard = createGrafanaDashboard({ title: 'Calculator' });
 * writeFileSync('dashboard.json', JSON.stringify(dashboard, null, 2));
 * ```
 */
export function createGrafanaDashboard(options: GrafanaDashboardOptions = {}): GrafanaDashboard {
  checkOptionTable(WHERE, options, OPTIONS);
  const { title = 'Thrift services', uid = 'thrift-services', tags = ['thrift'] } = options;
  const { objectives = 'recorded', histograms = 'any', runbookUrl } = options;
  const { pageUrl = 'http://{instance}/' } = options;
  const runtime = currentRuntime();
  const methods = declaredMethods(runtime);
  const banded = bandedMethods(methods, options.anomalies);
  const builtIn = new BuiltInMetrics(runtime.settings, histograms);
  const families = declaredFamilies(methods, builtIn);
  const handlers = new HandlerQueries(families, builtIn.nameOf('failedRequests'), histograms);
  const dashboard: GrafanaDashboard = {
    uid,
    title,
    description: 'Generated by thrift-metrics from the methods that the services declare.',
    tags: [...tags],
    timezone: 'browser',
    editable: true,
    graphTooltip: 1,
    time: { from: 'now-1h', to: 'now' },
    refresh: '30s',
    schemaVersion: SCHEMA_VERSION,
    templating: { list: createVariables(families, builtIn) },
    annotations: { list: [alerts(), restarts()] },
    links: runbookUrl === undefined ? [] : [runbookLink(runbookUrl)],
    panels: arrange([
      overviewRow(handlers, builtIn),
      objectivesRow(new ObjectiveQueries(methods, objectives, histograms)),
      slowestMethodsRow(handlers, uid),
      redRow(handlers),
      latencyRow(handlers),
      errorsRow(handlers),
      inFlightRow(handlers, builtIn),
      eventLoopRow(handlers, builtIn),
      ...(options.anomalies === true || banded.length > 0 ? [anomaliesRow(banded)] : []),
      messagesRow(builtIn),
      connectionsRow(builtIn),
      callersRow(builtIn),
      clientsRow(builtIn),
      processHealthRow(builtIn, pageUrl),
    ]),
  };
  return spellLabels(dashboard, runtime.settings.labelNames);
}

const FIRING = `ALERTS{alertname=~"Thrift.+", alertstate="firing", job=~"$job|", ${LABEL.service}=~"$service|", ${LABEL.method}=~"$method|"}`;
const ALERT_LEGEND = `{{${LABEL.service}}}.{{${LABEL.method}}}`;

/** Marks the times at which alerts of the generated rules fire. An alert may lack a method, a service, or a job. */
function alerts(): GrafanaAnnotation {
  return {
    name: 'Alerts',
    datasource: DATA_SOURCE,
    enable: true,
    iconColor: 'red',
    target: createTarget('Anno', FIRING, ALERT_LEGEND),
    expr: FIRING,
    useValueForTime: false,
    step: '60s',
    titleFormat: '{{alertname}} ({{severity}})',
    textFormat: ALERT_LEGEND,
    tagKeys: 'severity',
  };
}

function runbookLink(url: string): GrafanaLink {
  return {
    type: 'link',
    title: 'Runbook',
    url,
    tooltip: 'What to do when an alert fires',
    icon: 'doc',
    tags: [],
    asDropdown: false,
    targetBlank: true,
    includeVars: false,
    keepTime: false,
  };
}

const START_TIMES = `process_start_time_seconds{${OF_INSTANCE}} * 1000`;
const LEGEND = '{{job}} {{instance}}';

/** Marks the start of each process, where its counters start again at 0. */
function restarts(): GrafanaAnnotation {
  return {
    name: 'Restarts',
    datasource: DATA_SOURCE,
    enable: true,
    iconColor: 'orange',
    target: createTarget('Anno', START_TIMES, LEGEND),
    expr: START_TIMES,
    // Grafana places the mark at the value, which is in milliseconds.
    useValueForTime: true,
    step: '60s',
    titleFormat: 'Process started',
    textFormat: LEGEND,
    tagKeys: 'job,instance',
  };
}
