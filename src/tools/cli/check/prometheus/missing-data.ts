import { CATALOGUE, METRIC_KINDS } from '../../../../metrics/catalogue';
import type { LabelNames } from '../../../../metrics/label-names';
import type { GrafanaDashboard, GrafanaPanel } from '../../../grafana/model';
import { shown } from '../../output';
import { finding, type Finding } from '../check-rules';
import type { ExistingSeries } from './existing-series';
import { baseName, selectorsIn, substitute, type VectorSelector } from './expression';
import { POINTS_OF_A_LINE, type QueryCost } from './query-cost';
import { describeRule, type GeneratedRule } from './rule-comparison';

/** An expression that should have data, and what shows its result. */
export interface Query {
  readonly shownBy: string;
  readonly expression: string;
  /** Alerts only return something while they fire. */
  readonly isAlert: boolean;
  /** Number of evaluations each time: one for a value or a rule, many for a line. */
  readonly points: number;
}

export function queriesOfRules(rules: readonly GeneratedRule[], labelNames: LabelNames): Query[] {
  return rules.map((rule) => ({
    shownBy: `rule ${describeRule(rule, labelNames)}`,
    expression: rule.expr,
    isAlert: 'alert' in rule,
    points: 1,
  }));
}

/** The queries of a dashboard with values for its variables. */
export function queriesOfDashboard(
  { panels }: GrafanaDashboard,
  values: Readonly<Record<string, string>>,
): Query[] {
  const all = panels.flatMap((panel): readonly GrafanaPanel[] =>
    panel.type === 'row' ? panel.panels : [panel],
  );
  return all.flatMap(({ title, targets }) =>
    targets.map(({ expr, refId, instant }) => ({
      shownBy: `panel '${title}'${targets.length > 1 ? ` (query ${refId})` : ''}`,
      expression: substitute(expr, values),
      isAlert: false,
      points: instant ? 1 : POINTS_OF_A_LINE,
    })),
  );
}

/** A built-in metric that no program records, because it does not use the function that does. */
export interface UnrecordedMetric {
  readonly metric: string;
  readonly recorder: string;
  readonly shownBy: readonly string[];
}

export interface DataReport {
  readonly findings: readonly Finding[];
  /** Number of queries with data. For an alert: with series to read. */
  readonly answered: number;
  /** Rules and panels whose series exist, but that have no value without calls or without history. */
  readonly idle: readonly string[];
  readonly unrecorded: readonly UnrecordedMetric[];
  /** Of the queries for which the server says how many samples it read. */
  readonly costs: readonly QueryCost[];
}

export interface DataContext {
  readonly existing: ExistingSeries;
  /** Names of the declared metrics. */
  readonly declared: ReadonlySet<string>;
  /** Whether a selector only selects series that calls create. */
  readonly needsCalls: (selector: VectorSelector) => boolean;
}

/** Evaluates queries, and explains why some have no data. */
export async function lintData(
  queries: readonly Query[],
  context: DataContext,
): Promise<DataReport> {
  const findings: Finding[] = [];
  const idle: string[] = [];
  const costs: QueryCost[] = [];
  let answered = 0;
  /** What reads series that do not exist, by the selector, by the metric, or by the histogram stored in another form. */
  const absent = { selectors: new Users(), metrics: new Users(), classic: new Users() };
  const { existing, needsCalls } = context;
  await Promise.all(
    queries.map(async ({ shownBy, expression, isAlert, points }) => {
      const { results, error, samples } = await existing.api.query(expression);
      if (error !== null) {
        const text = `${shownBy} fails: ${shown(error)}; update Prometheus, or generate with histograms 'classic'`;
        findings.push(finding('expression-failed', '-', text));
        return;
      }
      if (samples !== null) costs.push({ shownBy, samples: samples * points });
      const missing = results.length > 0 ? [] : await missingSelectors(expression, existing);
      const isExpected = missing.every((each) => each.forms !== 'native' && needsCalls(each));
      if (results.length > 0 || (isAlert && missing.length === 0)) answered++;
      else if (isExpected) idle.push(shownBy);
      if (isExpected) return;
      for (const { name, text, forms } of missing) {
        if (forms === 'native') absent.classic.add(baseName(name), shownBy);
        else if (forms === 'none') absent.metrics.add(baseName(name), shownBy);
        else absent.selectors.add(text, shownBy);
      }
    }),
  );
  for (const [name, users] of absent.classic) {
    const text = `stored as a native histogram without classic buckets, which ${describe(users)} read; set always_scrape_classic_histograms: true for the job`;
    findings.push(finding('histogram-storage', name, text));
  }
  for (const [selector, users] of absent.selectors) {
    const text = `no series match ${shown(selector)}, which ${describe(users)} read; run the version of the program that declares them, and let relabeling keep the labels`;
    findings.push(finding('no-data', selectorsIn(selector)[0]?.name ?? '-', text));
  }
  const unrecorded: UnrecordedMetric[] = [];
  for (const [metric, shownBy] of absent.metrics) {
    const each = lintMissing(metric, shownBy, context);
    if ('severity' in each) findings.push(each);
    else unrecorded.push(each);
  }
  return { findings, answered, idle: idle.toSorted(), unrecorded, costs };
}

/** What reads each of several things that are missing. */
class Users extends Map<string, string[]> {
  add(missing: string, user: string): void {
    const users = this.get(missing) ?? [];
    if (!users.includes(user)) this.set(missing, [...users, user]);
  }
}

interface MissingSelector extends VectorSelector {
  /** The forms in which Prometheus stores the metric: `native` lacks the classic series that the selector reads. */
  readonly forms: 'none' | 'native' | 'other labels';
}

/**
 * Finds the selectors of an expression that match nothing. A histogram needs series in one of its forms, of those that the
 * expression reads. Recorded series are left out: they have no samples while their rules have no data, which is reported
 * for these rules.
 */
async function missingSelectors(
  expression: string,
  existing: ExistingSeries,
): Promise<MissingSelector[]> {
  const selectors = selectorsIn(expression).filter(({ name }) => !name.includes(':'));
  const found = await Promise.all(
    selectors.map(async (each) => ({ ...each, exists: await existing.has(each.text) })),
  );
  const stored = new Set(found.flatMap(({ name, exists }) => (exists ? [name] : [])));
  const missing = found.filter(({ name, exists }) => {
    const base = baseName(name);
    const isClassic = base !== name;
    const hasOtherForm = isClassic
      ? stored.has(base)
      : [...stored].some((other) => other !== name && baseName(other) === name);
    return !exists && !hasOtherForm;
  });
  // Both forms of a histogram are missing. One of them tells why.
  const reported = missing.filter(
    ({ name }) => !missing.some((other) => other.name !== name && baseName(other.name) === name),
  );
  return Promise.all(
    reported.map(async ({ name, text }): Promise<MissingSelector> => {
      const base = baseName(name);
      if (await existing.has(name)) return { name, text, forms: 'other labels' };
      const isNative = base !== name && (await existing.has(base));
      return { name, text, forms: isNative ? 'native' : 'none' };
    }),
  );
}

function describe(users: readonly string[]): string {
  const [first = '', second, ...others] = users.toSorted();
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return first + (second === undefined ? '' : `, ${second}`) + more;
}

/** The functions that record the metrics that no decorator records, by the beginning of their names. */
const RECORDERS: readonly (readonly [pattern: RegExp, recorder: string])[] = [
  [/thrift_client_/, 'instrumentClient'],
  [/thrift_server_\w*(?:connections|bytes_total|handshake|accept)/, 'instrumentServer'],
  [/thrift_server_caller_/, 'instrumentService, once requests name their callers'],
  [/thrift_server_/, 'instrumentService'],
  [/^(?:process|nodejs)_/, 'configureMetrics({ processMetrics: true })'],
];

/** Explains why a metric has no series. */
function lintMissing(
  name: string,
  users: readonly string[],
  { existing, declared }: DataContext,
): Finding | UnrecordedMetric {
  const entry = Object.values(CATALOGUE).find((each) => name.endsWith(each.name));
  if (entry !== undefined) {
    const other = existing.names.find(
      (each) =>
        baseName(each) !== name &&
        baseName(each).endsWith(entry.name) &&
        !isShadowed(each, entry.name),
    );
    if (other !== undefined) {
      const prefix = baseName(other).slice(0, -entry.name.length);
      const text = `no series, but ${baseName(other)} exists, and ${describe(users)} read it; import the module that sets the prefix, or pass --prefix '${prefix}'`;
      return finding('other-prefix', name, text);
    }
  }
  const isHandlers = METRIC_KINDS.some((kind) => entry === CATALOGUE[kind]);
  if (isHandlers || declared.has(name) || entry === CATALOGUE.failedRequests) {
    const text = `no series, which ${describe(users)} read; let Prometheus scrape a program that loads these handlers, and let metric_relabel_configs keep the metric`;
    return finding('missing-metric', name, text);
  }
  const recorder = RECORDERS.find(([pattern]) => pattern.test(name))?.[1] ?? 'another program';
  return { metric: name, recorder, shownBy: users.toSorted() };
}

/** Whether a name only contains the name of another metric of the catalogue. */
function isShadowed(name: string, entryName: string): boolean {
  return baseName(name).slice(0, -entryName.length).includes('thrift_');
}
