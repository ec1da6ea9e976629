import type {
  PrometheusAlertingRule,
  PrometheusRecordingRule,
  PrometheusRules,
} from '../../../rules/prometheus-rules';
import { LABEL } from '../../../../metrics/catalogue';
import type { LabelNames } from '../../../../metrics/label-names';
import { groupBy } from '../../../group-by';
import { shown } from '../../output';
import { quote } from '../../../promql';
import { finding, type Finding } from '../check-rules';
import type { LiveState, LoadedRule } from './live-state';
import type { PrometheusApi, Result } from './prometheus-api';

export type GeneratedRule = PrometheusRecordingRule | PrometheusAlertingRule;

export function rulesIn({ groups }: PrometheusRules): GeneratedRule[] {
  return groups.flatMap(({ rules }) => rules);
}

export function nameOf(rule: GeneratedRule): string {
  return 'record' in rule ? rule.record : rule.alert;
}

/** Identifies a rule by its name and the labels that the generator sets. Others, such as `team`, differ by its options. */
function identityOf(
  name: string,
  labels: Readonly<Record<string, string>> = {},
  labelNames: LabelNames,
): string {
  const own = Object.entries(labels).filter(([label]) =>
    IDENTIFYING.test(labelNames.builtInOf(label)),
  );
  return JSON.stringify([name, own.toSorted(([one], [other]) => (one < other ? -1 : 1))]);
}

const IDENTIFYING = /^(?:thrift_|long_window|short_window)/;

/** Rules that are named in one finding. */
const NAMED = 3;

/**
 * Finds generated rules that are not loaded, that are loaded with another expression, or more than once.
 *
 * @param variants generated rules of each kind of histogram, of which one has to fit
 */
export async function lintLoaded(
  api: PrometheusApi,
  variants: readonly (readonly GeneratedRule[])[],
  groups: NonNullable<LiveState['groups']>,
  labelNames: LabelNames,
): Promise<Finding[]> {
  const byIdentity = (rules: readonly GeneratedRule[]): Map<string, GeneratedRule[]> =>
    groupBy(rules, (rule) => identityOf(nameOf(rule), rule.labels, labelNames));
  const [first = []] = variants;
  const generated = variants.map(byIdentity);
  const loaded = groupBy(
    groups.flatMap(({ rules }) => rules),
    ({ name, labels }) => identityOf(name, labels, labelNames),
  );
  const missing: string[] = [];
  const outdated: string[] = [];
  const repeated: string[] = [];
  await Promise.all(
    [...byIdentity(first)].map(async ([identity, rules]) => {
      const found = loaded.get(identity) ?? [];
      const names = rules.map((rule) => describeRule(rule, labelNames));
      if (found.length < rules.length) missing.push(...names.slice(found.length));
      if (found.length > rules.length) repeated.push(...names.slice(0, 1));
      const expressions = generated
        .flatMap((each) => each.get(identity) ?? [])
        .map(({ expr }) => expr);
      const fit = await Promise.all(found.map(({ query }) => isOneOf(api, query, expressions)));
      if (fit.includes(false)) outdated.push(...names.slice(0, 1));
    }),
  );
  const findings: Finding[] = [];
  if (missing.length > 0) {
    const text = `${missing.length} of ${first.length} generated rules are not loaded (${namesOf(missing)}); write them by thrift-metrics rules, name the file in rule_files, and reload Prometheus`;
    findings.push(finding('rules-missing', '-', text));
  }
  if (outdated.length > 0) {
    const text = `${outdated.length} rules are loaded with other expressions (${namesOf(outdated)}); write them again by thrift-metrics rules, and reload Prometheus`;
    findings.push(finding('rules-outdated', '-', text));
  }
  if (repeated.length > 0) {
    const text = `${repeated.length} rules are loaded more than once (${namesOf(repeated)}); keep one of the files in rule_files, and reload Prometheus`;
    findings.push(finding('rules-repeated', '-', text));
  }
  return findings;
}

export function describeRule(rule: GeneratedRule, labelNames: LabelNames): string {
  const service = rule.labels?.[labelNames.nameOf(LABEL.service)];
  const method = rule.labels?.[labelNames.nameOf(LABEL.method)];
  const of = service === undefined ? '' : ` of ${[service, method].filter(Boolean).join('.')}`;
  return nameOf(rule) + of;
}

function namesOf(names: readonly string[]): string {
  const [...first] = new Set(names);
  const omitted = first.length - NAMED;
  const named = first.toSorted().slice(0, NAMED).join(', ');
  return omitted > 0 ? `${named} and ${omitted} more` : named;
}

async function isOneOf(
  api: PrometheusApi,
  query: string,
  expressions: readonly string[],
): Promise<boolean> {
  const same = await Promise.all(expressions.map((each) => isSameExpression(api, each, query)));
  return same.includes(true);
}

/** Compares two expressions. Prometheus shows its rules in a format of its own. */
async function isSameExpression(api: PrometheusApi, one: string, other: string): Promise<boolean> {
  const plain = (text: string): string => text.replaceAll(/\s/g, '');
  if (plain(one) === plain(other)) return true;
  const format = (text: string): Promise<string | null> =>
    api.read<string>(`format_query?query=${encodeURIComponent(text)}`);
  const [left, right] = await Promise.all([format(one), format(other)]);
  // Without a formatter, a difference may be one of spelling only.
  return left === null || right === null || plain(left) === plain(right);
}

/** Finds loaded rules that fail, and groups that take long. `isOurs` selects the rules by name. */
export function* lintEvaluation(
  groups: NonNullable<LiveState['groups']>,
  isOurs: (rule: LoadedRule) => boolean,
): Generator<Finding> {
  for (const { name, interval, evaluationTime, rules } of groups) {
    const ours = rules.filter(isOurs);
    if (ours.length === 0) continue;
    for (const rule of ours) {
      if (rule.health !== 'err') continue;
      const text = `the loaded rule fails: ${shown(rule.lastError ?? '')}; write it again by thrift-metrics rules for this version of Prometheus`;
      yield finding('rule-failed', rule.name, text);
    }
    if (evaluationTime > 0.5 * interval) {
      const text = `group '${name}' takes ${evaluationTime.toFixed(2)} s of its interval of ${interval} s; raise the interval by --interval of thrift-metrics rules, or reduce the series`;
      yield finding('slow-rules', '-', text);
    }
  }
}

/** Evaluations that are compared. */
const COMPARED = 3;

/** Relative difference below which two values are equal. */
const TOLERANCE = 0.01;

/** Finds recorded series whose values differ from those of their expressions at the same time. */
export async function lintRecorded(
  api: PrometheusApi,
  generated: readonly GeneratedRule[],
  labelNames: LabelNames,
): Promise<Finding[]> {
  const compared = await Promise.all(
    generated.map(async (rule) => {
      if (!('record' in rule)) return [];
      const matchers = Object.entries(rule.labels ?? {}).map(
        ([label, value]) => `${label}=${quote(value)}`,
      );
      const series = await api.ask(`${rule.record}{${matchers.join(',')}}[10m]`);
      const times = timesOf(series).slice(-COMPARED);
      const last = times.at(-1);
      // Right after the start of a program, rates change too much from one scrape to the next.
      if (last === undefined || times.length < COMPARED) return [];
      const evaluate = async (time: number): Promise<readonly Result[]> =>
        (await api.query(rule.expr, time)).results ?? [];
      const evaluated = await Promise.all(
        times.map(async (time) => ({ time, results: [await evaluate(time)] })),
      );
      const differ = (each: Result): boolean =>
        !evaluated.some(({ time, results }) => agrees(each, time, results, rule));
      if (!series.some(differ)) return [];
      // A scrape that ended just after the evaluation was not part of it. The time before it shows what was.
      await Promise.all(
        evaluated.map(async ({ time, results }) => results.push(await evaluate(time - BEFORE))),
      );
      const differing = series.find(differ);
      if (differing === undefined) return [];
      const value = valueAt(differing, last) ?? 'nothing';
      const [now = []] = evaluated.at(-1)?.results ?? [];
      const expected = counterpartOf(differing, now, rule) ?? 'nothing';
      const text = `${describeRule(rule, labelNames)} recorded ${value}, but its expression gives ${expected} at the same time; load the generated rules once, and nothing else that records this series`;
      return [finding('recorded-differs', rule.record, text)];
    }),
  );
  return compared.flat();
}

/** Seconds. Longer than most scrapes take. */
const BEFORE = 1;

/** The times of all samples, ascending. Series of a job that has ended have older ones. */
function timesOf(series: readonly Result[]): number[] {
  const times = new Set(series.flatMap(({ values = [] }) => values.map(([time]) => time)));
  return [...times].toSorted((a, b) => a - b);
}

/** Whether a recorded series has a value between those that the expression of its rule gives. */
function agrees(
  series: Result,
  time: number,
  evaluations: readonly (readonly Result[])[],
  rule: PrometheusRecordingRule,
): boolean {
  const recorded = valueAt(series, time);
  const values = evaluations.map((results) => counterpartOf(series, results, rule));
  // A series that has just begun or ended has no value.
  if (values.includes(recorded)) return true;
  const numbers = values.flatMap((value) => (value === undefined ? [] : [Number(value)]));
  if (recorded === undefined || numbers.length === 0) return false;
  const margin = TOLERANCE * Math.max(...numbers.map(Math.abs), 1e-9);
  const value = Number(recorded);
  return value >= Math.min(...numbers) - margin && value <= Math.max(...numbers) + margin;
}

function valueAt({ values = [] }: Result, time: number | undefined): string | undefined {
  return values.find(([at]) => at === time)?.[1];
}

/** The value that an expression gives for the labels of a recorded series. */
function counterpartOf(
  series: Result,
  results: readonly Result[],
  rule: PrometheusRecordingRule,
): string | undefined {
  const found = results.find(({ metric }) => {
    const labels: Record<string, string> = { ...metric, ...rule.labels };
    delete labels['__name__'];
    return Object.entries(labels).every(([label, value]) => series.metric[label] === value);
  });
  return found?.value?.[1];
}
