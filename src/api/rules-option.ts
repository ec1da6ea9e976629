import type { DeclaredObjective } from '../declaration/objective';
import { LABEL } from '../metrics/catalogue';
import type { CompiledRule } from '../runtime/policy';
import {
  checkOption,
  checkOptionTable,
  isBoolean,
  isNonEmptyString,
  isPositiveInteger,
  mustBe,
  type OptionTable,
  show,
} from '../validation/checks';
import { ThriftMetricsError } from '../validation/errors';
import { checkBuckets, checkLabelName } from '../validation/metric-checks';
import { createObjective } from './objective-decorator';
import type { ObjectiveOptions } from './options';

/** Which metrics a rule concerns. A pattern may have `*` for any characters and `?` for one character. */
export interface RuleMatch {
  /**
   * Pattern for the value of `thrift_service`. Metrics without this label do not match.
   *
   * @default every service, and metrics without one
   */
  service?: string | undefined;
  /**
   * Pattern for the value of `thrift_method`. Metrics without this label do not match.
   *
   * @default every method, and metrics without one
   */
  method?: string | undefined;
  /**
   * Pattern for the name of the metric, with or without the prefix.
   *
   * @default every metric
   */
  metric?: string | undefined;
}

/**
 * A rule of the operator. For each option, the first rule that matches and sets it decides, and wins over the decorators and
 * over the other options of `configureMetrics`.
 */
export interface MetricRule {
  /** Which metrics the rule concerns. `{}` matches all. */
  match: RuleMatch;
  /**
   * Whether the series are left out. A method whose metrics are all excluded costs as little as with `enabled: false`. With
   * `false`, a later rule does not exclude what this one matches.
   *
   * @default false
   */
  exclude?: boolean | undefined;
  /**
   * Upper bounds of histograms. Without a pattern for the metric, they concern latencies, in seconds. A change sets the
   * histograms to 0.
   *
   * @default the buckets of the decorator, or else of `configureMetrics`
   */
  buckets?: readonly number[] | undefined;
  /**
   * Whether histograms have native buckets. Without a pattern for the metric, it concerns latencies. A change sets the
   * histograms to 0.
   *
   * @default the option of the decorator, or else of `configureMetrics`
   */
  native?: boolean | undefined;
  /** Labels over which readers see sums. Calls still count with all labels, so no value changes. */
  labels?: { readonly drop: readonly string[] } | undefined;
  /**
   * Objective of the methods that match. It replaces one in the code.
   *
   * @default the objective in the code
   */
  objective?: ObjectiveOptions | undefined;
  /**
   * Whether the generated rules record bands of normal values for the methods that match, and alert on values outside.
   *
   * @default every method if bands are requested, otherwise none
   */
  anomalies?: boolean | undefined;
  /**
   * Maximum number of series of each metric that matches.
   *
   * @default the option `maxSeriesPerMetric`
   */
  maxSeries?: number | undefined;
}

/** Labels that a rule cannot drop, and why. */
const KEPT: ReadonlyMap<string, string> = new Map([
  ['le', 'a histogram needs its buckets'],
  ['quantile', 'a summary needs its quantiles'],
  [LABEL.success, 'dashboards and alerts recognize failed calls by it'],
  [LABEL.exceptionKind, 'dashboards and alerts recognize failed calls by it'],
]);

const pattern = mustBe(isNonEmptyString, "a pattern such as 'Health*', with * and ?");

const MATCH: OptionTable<RuleMatch> = { service: pattern, method: pattern, metric: pattern };

const RULE: OptionTable<MetricRule> = {
  match: (where, _name, value) => check(`${where}: match`, value, MATCH),
  exclude: mustBe(isBoolean, 'true or false'),
  buckets: (where, _name, value) => checkBuckets(where, value),
  native: mustBe(isBoolean, 'true or false'),
  labels: (where, _name, value) => {
    check<{ drop: unknown }>(`${where}: labels`, value, { drop: checkDrop });
    if ((value as { drop?: unknown }).drop === undefined) {
      throw invalid(`${where}: option 'labels' drops nothing. Expected { drop: ['caller'] }.`);
    }
  },
  objective: (where, _name, value) => void createObjective(value, `${where}: objective`),
  anomalies: mustBe(isBoolean, 'true or false'),
  maxSeries: mustBe(isPositiveInteger, 'a whole number above 0'),
};

const ACTIONS: readonly (keyof MetricRule)[] = [
  'exclude',
  'buckets',
  'native',
  'labels',
  'objective',
  'anomalies',
  'maxSeries',
];

/**
 * Checks the option `rules` of {@link configureMetrics}.
 *
 * @throws {@link ThriftMetricsError} if it is not a list of valid rules.
 */
export function checkRules(where: string, name: string, rules: unknown): void {
  checkOption(
    where,
    name,
    rules,
    Array.isArray,
    "a list of rules such as [{ match: { method: 'ping' }, exclude: true }]",
  );
  (rules as readonly unknown[]).forEach((rule, i) => checkRule(`${where}: ${name}[${i}]`, rule));
}

function checkRule(where: string, rule: unknown): void {
  check<MetricRule>(where, rule, RULE);
  const { match } = rule;
  if (match === undefined) {
    throw invalid(`${where}: the rule has no 'match'. Write match: {} if it concerns everything.`);
  }
  if (ACTIONS.every((action) => rule[action] === undefined)) {
    throw invalid(`${where}: the rule changes nothing. Set one of ${ACTIONS.join(', ')}.`);
  }
  for (const action of ['objective', 'anomalies'] as const) {
    if (rule[action] === undefined || match.metric === undefined) continue;
    throw invalid(
      `${where}: '${action}' concerns methods, not single metrics. Remove 'metric' from 'match', or put '${action}' into a rule of its own.`,
    );
  }
  if (rule.maxSeries !== undefined && (match.service ?? match.method) !== undefined) {
    throw invalid(
      `${where}: 'maxSeries' limits whole metrics. Remove 'service' and 'method' from 'match', or put 'maxSeries' into a rule of its own.`,
    );
  }
}

function checkDrop(where: string, name: string, labels: unknown): void {
  checkOption(
    where,
    name,
    labels,
    (value: unknown) => Array.isArray(value) && value.length > 0,
    "a list of label names such as ['caller']",
  );
  for (const label of labels as readonly unknown[]) {
    checkLabelName(where, typeof label === 'string' ? label : '', []);
    const reason = KEPT.get(label as string);
    if (reason !== undefined) {
      throw new ThriftMetricsError(
        'TM_ERR_LABEL_NAME',
        `${where}: label '${label as string}' cannot be dropped, because ${reason}. Remove it from 'drop'.`,
      );
    }
  }
}

/** Checks an object with a table of options. */
function check<Options>(
  where: string,
  value: unknown,
  table: OptionTable<Options>,
): asserts value is Options {
  if (value === undefined || value === null)
    throw invalid(`${where}: found ${show(value)}. Expected an object.`);
  checkOptionTable<Options>(where, value, table);
}

function invalid(message: string): ThriftMetricsError {
  return new ThriftMetricsError('TM_ERR_RULE', message);
}

/** Compiles rules that {@link checkRules} accepts. */
export function compileRules(rules: readonly MetricRule[], where: string): CompiledRule[] {
  return rules.map((rule, i): CompiledRule => {
    const { match, exclude, buckets, native, labels, objective, anomalies, maxSeries } = rule;
    const location = `${where}: rules[${i}]`;
    return {
      location,
      match: {
        service: compilePattern(match.service),
        method: compilePattern(match.method),
        metric: compilePattern(match.metric),
      },
      exclude: exclude ?? null,
      buckets: buckets === undefined ? null : [...buckets],
      native: native ?? null,
      drop: labels === undefined ? null : [...labels.drop],
      objective: compileObjective(objective, location),
      anomalies: anomalies ?? null,
      maxSeries: maxSeries ?? null,
    };
  });
}

function compileObjective(
  objective: ObjectiveOptions | undefined,
  location: string,
): DeclaredObjective | null {
  return objective === undefined ? null : createObjective(objective, `${location}: objective`);
}

function compilePattern(glob: string | undefined): RegExp | null {
  if (glob === undefined) return null;
  const source = glob
    .replaceAll(/[\\^$.+()[\]{}|]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su');
}
