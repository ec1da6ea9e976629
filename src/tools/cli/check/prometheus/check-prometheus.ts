import { type DeclaredMethod, declaredMethods } from '../../../../declaration/describe';
import { CATALOGUE, LABEL, METRIC_KINDS } from '../../../../metrics/catalogue';
import { LabelNames, parseLabelNames } from '../../../../metrics/label-names';
import { currentRuntime } from '../../../../runtime/runtime';
import { createGrafanaDashboard } from '../../../grafana/create-grafana-dashboard';
import type { HistogramStorage } from '../../../histogram-expressions';
import { createPrometheusRules } from '../../../rules/create-prometheus-rules';
import type { PrometheusRulesOptions } from '../../../rules/prometheus-rules';
import { hasCallLabels } from '../../../rules/objective-expressions';
import { finding, type Finding } from '../check-rules';
import { ExistingSeries } from './existing-series';
import {
  baseName,
  exactMatchersOf,
  secondsOf,
  selectorsIn,
  type VectorSelector,
} from './expression';
import { storageOf, type StoredAs } from './histogram-storage';
import { type LiveState, readLiveState } from './live-state';
import { loadedOptions } from './loaded-options';
import {
  lintData,
  queriesOfDashboard,
  queriesOfRules,
  type UnrecordedMetric,
} from './missing-data';
import type { PrometheusApi } from './prometheus-api';
import {
  type GeneratedRule,
  lintEvaluation,
  lintLoaded,
  lintRecorded,
  nameOf,
  rulesIn,
} from './rule-comparison';
import { lintQueryCost } from './query-cost';
import { lintCost } from './series-cost';
import { lintLabels, lintTargets } from './targets';

export interface PrometheusReport {
  /** Null if the server does not tell. */
  readonly version: string | null;
  /** How each histogram is stored, by its name. */
  readonly storage: Readonly<Record<string, StoredAs>>;
  /** The kind of histograms to generate rules for. */
  readonly histograms: HistogramStorage;
  readonly jobs: readonly string[];
  readonly queries: {
    readonly total: number;
    readonly answered: number;
    readonly idle: readonly string[];
    readonly unrecorded: readonly UnrecordedMetric[];
  };
  readonly findings: readonly Finding[];
}

export interface PrometheusLimits {
  /** Prefix that the program sets and the modules do not. */
  readonly prefix: string;
  /** Largest number of series of one metric in one process. */
  readonly maxSeries: number;
  /** Largest number of samples that a panel or a rule reads to show one value or one line. */
  readonly maxSamples: number;
}

/**
 * Verifies that the declared metrics, and everything that is generated from them, have data in a running Prometheus. If
 * nothing is declared, checks the built-in handler metrics and the dashboard.
 */
export async function checkPrometheus(
  api: PrometheusApi,
  { prefix, maxSeries, maxSamples }: PrometheusLimits,
): Promise<PrometheusReport> {
  const state = await readLiveState(api);
  const existing = new ExistingSeries(api, state.names);
  const runtime = currentRuntime();
  const { families, registry, settings } = runtime;
  settings.labelNames = await labelNamesIn(api, settings.labelNames);
  if (prefix !== '') families.move(registry.current(), prefix + settings.prefix);
  const methods = declaredMethods(runtime);
  const { labelNames } = settings;
  const names = namesOfSeries(methods, settings.prefix);
  const jobs = await jobsOf(api, [...names.values()].flat());
  const storage = await storageOfAll(api, names, state);
  const histograms = state.hasNativeFunctions ? 'any' : 'classic';
  const create = (options: PrometheusRulesOptions): GeneratedRule[] =>
    methods.length === 0 ? [] : rulesIn(createPrometheusRules(options));
  const options = loadedOptions(state.groups ?? [], create);
  const rulesFor = (each: HistogramStorage): GeneratedRule[] =>
    create({ ...options, histograms: each });
  const rules = rulesFor(histograms);
  const dashboard = createGrafanaDashboard({ anomalies: options.anomalies, histograms });
  const queries = [
    ...queriesOfRules(rules, labelNames),
    ...queriesOfDashboard(dashboard, variablesOf(state, jobs)),
  ];
  const declared = new Set(names.keys());
  const data = await lintData(queries, {
    existing,
    declared,
    needsCalls: selectsCallLabels(methods, labelNames),
  });
  const exists = await Promise.all([...names.values()].flat().map((name) => existing.has(name)));
  const present = [...names.values()].flat().filter((_, i) => exists[i]);
  const variants = [rules, rulesFor(histograms === 'any' ? 'classic' : 'any')];
  const findings = [
    lintTargets(state, jobs),
    ...(await Promise.all(
      present.map((name) => lintLabels(existing, state, { name, labelNames })),
    )),
    data.findings,
    await lintRules(api, state, { variants, declared, labelNames }),
    lintStorage(state, storage),
    await lintCost(api, present, maxSeries),
    lintQueryCost(data.costs, maxSamples),
  ];
  const { answered, idle, unrecorded } = data;
  return {
    version: state.version,
    storage,
    histograms,
    jobs,
    queries: { total: queries.length, answered, idle, unrecorded },
    findings: findings.flatMap((each) => [...each]),
  };
}

/**
 * The names of built-in labels: those that the modules configure, or else those that the programs show in
 * `thrift_metrics_info`.
 */
async function labelNamesIn(api: PrometheusApi, configured: LabelNames): Promise<LabelNames> {
  if (!configured.isDefault) return configured;
  const series = `{__name__=~".*${CATALOGUE.info.name}",${LABEL.labelNames}!=""}`;
  const [found] = await api.ask(`count by (${LABEL.labelNames}) (${series})`);
  return new LabelNames(parseLabelNames(found?.metric[LABEL.labelNames] ?? ''));
}

/** Recognizes selectors of metrics with labels that depend on the call, which have no series before the first one. */
function selectsCallLabels(
  methods: readonly DeclaredMethod[],
  labelNames: LabelNames,
): (selector: VectorSelector) => boolean {
  const ofService = labelNames.nameOf(LABEL.service);
  const ofMethod = labelNames.nameOf(LABEL.method);
  return ({ name, text }) => {
    const selected = methods.filter(
      ({ service, method }) => matches(text, ofService, service) && matches(text, ofMethod, method),
    );
    const metrics = selected
      .flatMap((method) => method.metrics)
      .filter((metric) => metric.name === baseName(name));
    return metrics.length > 0 && metrics.every(hasCallLabels);
  };
}

/** Whether a selector allows this value. One without an exact matcher for the label does. */
function matches(selector: string, label: string, value: string): boolean {
  const { [label]: wanted } = exactMatchersOf(selector);
  return wanted === undefined || wanted === value;
}

/** The names of the series that count a handler metric, by its name. A histogram has several forms. */
function namesOfSeries(methods: readonly DeclaredMethod[], prefix: string): Map<string, string[]> {
  const metrics =
    methods.length === 0
      ? METRIC_KINDS.map((kind) => ({ ...CATALOGUE[kind], name: prefix + CATALOGUE[kind].name }))
      : methods.flatMap((method) => method.metrics);
  return new Map(
    metrics.map(({ name, type }) => [
      name,
      type === 'histogram' || type === 'summary' ? [`${name}_count`, name] : [name],
    ]),
  );
}

/** The jobs that have had series of these metrics within the last hour, also those whose targets are down now. */
async function jobsOf(api: PrometheusApi, names: readonly string[]): Promise<string[]> {
  const selector = `{__name__=~"${names.join('|')}"}`;
  const found = await api.ask(`count by (job) (last_over_time(${selector}[1h]))`);
  return found.flatMap(({ metric }) => metric['job'] ?? []).toSorted();
}

async function storageOfAll(
  api: PrometheusApi,
  names: ReadonlyMap<string, readonly string[]>,
  { hasNativeFunctions }: LiveState,
): Promise<Record<string, StoredAs>> {
  const latencies = [...names].filter(([, forms]) => forms.length > 1).map(([name]) => name);
  const entries = await Promise.all(
    latencies.map(async (name) => [name, await storageOf(api, name, hasNativeFunctions)] as const),
  );
  return Object.fromEntries(entries);
}

/** Values that select everything in a dashboard. */
function variablesOf({ targets }: LiveState, jobs: readonly string[]): Record<string, string> {
  const intervals = (targets ?? [])
    .filter(({ labels }) => jobs.includes(labels['job'] ?? ''))
    .map(({ scrapeInterval }) => secondsOf(scrapeInterval ?? '') ?? 0);
  // A minute is the default of Prometheus. Grafana uses four intervals, too.
  const interval = Math.max(...intervals) > 0 ? Math.max(...intervals) : 60;
  const all = '.*';
  return {
    job: all,
    instance: all,
    service: all,
    method: all,
    top: '20',
    __rate_interval: `${Math.ceil(4 * interval)}s`,
    __interval: `${Math.ceil(interval)}s`,
    __range: '1h',
  };
}

async function lintRules(
  api: PrometheusApi,
  { groups }: LiveState,
  {
    variants,
    declared,
    labelNames,
  }: {
    /** The generated rules of each kind of histograms, the one that fits first. */
    readonly variants: readonly (readonly GeneratedRule[])[];
    readonly declared: ReadonlySet<string>;
    readonly labelNames: LabelNames;
  },
): Promise<Finding[]> {
  const [rules = []] = variants;
  const recorded = await lintRecorded(api, rules, labelNames);
  if (groups === null) return recorded;
  const names = new Set(rules.map(nameOf));
  const isOurs = ({ name, query }: { name: string; query: string }): boolean =>
    names.has(name) || selectorsIn(query).some((selector) => declared.has(baseName(selector.name)));
  return [
    ...(await lintLoaded(api, variants, groups, labelNames)),
    ...lintEvaluation(groups, isOurs),
    ...recorded,
  ];
}

/** Finds loaded rules that read classic buckets of a histogram that Prometheus stores otherwise. */
function* lintStorage(
  { groups }: LiveState,
  storage: Readonly<Record<string, StoredAs>>,
): Generator<Finding> {
  for (const [name, storedAs] of Object.entries(storage)) {
    if (storedAs !== 'native' && storedAs !== 'native with custom buckets') continue;
    const classic = (groups ?? [])
      .flatMap(({ rules }) => rules)
      .filter(({ query }) => {
        const read = new Set(selectorsIn(query).map((selector) => selector.name));
        return (
          [...read].some((each) => each !== name && baseName(each) === name) && !read.has(name)
        );
      });
    const [first] = classic;
    if (first === undefined) continue;
    const text = `stored as ${storedAs}, but ${classic.length} loaded rules, such as ${first.name}, read classic buckets only; generate the rules with histograms 'any', or set always_scrape_classic_histograms: true for the job`;
    yield finding('histogram-storage', name, text);
  }
}
