import { type DeclaredMethod, declaredMethods } from '../../declaration/describe';
import { checkMeasured } from '../../declaration/objective-check';
import { currentRuntime } from '../../runtime/runtime';
import { groupBy } from '../group-by';
import { spellLabels } from '../label-spelling';
import type { HistogramStorage } from '../histogram-expressions';
import type { AlertDefaults } from './alert';
import { anomalyGroup, bandedMethods } from './anomaly-group';
import {
  callsHangAlert,
  dependencyDownAlert,
  hangLimits,
  hasDependencyAlert,
  repliesLostAlert,
} from './condition-alerts';
import { type MeasuredObjective, measuredObjectives } from './measured-objectives';
import { burnRateAlert, callsStoppedAlert, metricsAbsentAlert } from './objective-alerts';
import type {
  PrometheusRecordingRule,
  PrometheusRuleGroup,
  PrometheusRules,
  PrometheusRulesOptions,
} from './prometheus-rules';
import { methodRules, objectiveRules } from './recording-rules';
import { checkRulesOptions } from './rules-options';
import { slothLabels, slothRules } from './sloth';

/**
 * Creates recording rules and alerts for Prometheus from all methods that are declared in this process when it is
 * called. Import the modules with the decorated classes first. Returns the content of a rule file as plain data.
 *
 * Rules record the rate, the error ratio and the latency quantiles (p50, p95, p99) of each method. For each
 * `Objective`, rules record the error ratios and the remaining error budget, and alerts watch its burn rate, calls that
 * stopped or hang, and missing metrics. Alerts also watch lost replies, and dependencies that do not answer. With `anomalies`,
 * rules record bands of normal values, and alerts watch values that stay outside. All series are aggregated by job, service
 * and method.
 *
 * The rules use the metric names at the time of the call, including the configured prefix.
 *
 * @throws `ThriftMetricsError` `TM_ERR_OPTION_UNKNOWN`, `TM_ERR_OPTION_INVALID`, `TM_ERR_LABEL_NAME` or
 * `TM_ERR_LABEL_VALUE` if an option is wrong.
 * @throws `ThriftMetricsError` `TM_ERR_OBJECTIVE` if a method does not record the metrics that its objective needs, or
 * if the classes of one service have different objectives for the whole service.
 *
 * @example
 * ```ts
 * import { writeFileSync } from 'node:fs';
 * import { createPrometheusRules } from 'thrift-metrics/dashboards';
 * import './calculator-handler.js';
 *
 * const rules = createPrometheusRules({ labels: { team: 'payments' }, interval: '30s' });
 * // JSON is YAML.
 * writeFileSync('thrift.rules.yml', JSON.stringify(rules, null, 2));
 * ```
 */
export function createPrometheusRules(options: PrometheusRulesOptions = {}): PrometheusRules {
  checkRulesOptions('createPrometheusRules', options);
  const { recordingLabels = {}, interval, histograms = 'any', sloth = false } = options;
  const runtime = currentRuntime();
  checkMeasured(runtime);
  const methods = declaredMethods(runtime);
  const { prefix } = runtime.settings;
  const objectives = measuredObjectives(methods, histograms, runtime.settings.policy);
  const defaults = alertDefaults(options);
  const expressions = objectives.flatMap(({ targets }) => targets.map((each) => each.expressions));
  const groups: PrometheusRuleGroup[] = [
    { name: 'thrift_methods', rules: methodRules(methods, histograms) },
    ...objectiveGroups(objectives, sloth, defaults),
    { name: 'thrift_alerts', rules: conditionAlerts(methods, histograms, prefix, defaults) },
    { name: 'thrift_sloth', rules: sloth && expressions.length > 0 ? slothRules(expressions) : [] },
    ...anomalyGroup(methods, bandedMethods(methods, options.anomalies), histograms, defaults),
  ];
  const created: PrometheusRules = {
    groups: groups
      .filter(({ rules }) => rules.length > 0)
      .map(({ name, interval: own = interval, rules }) => ({
        name,
        ...(own !== undefined && { interval: own }),
        rules: rules.map((rule) => ('record' in rule ? addLabels(rule, recordingLabels) : rule)),
      })),
  };
  return spellLabels(created, runtime.settings.labelNames);
}

function alertDefaults(options: PrometheusRulesOptions): AlertDefaults {
  const { labels = {}, pageLabels = {}, ticketLabels = {}, runbookUrl, dashboardUrl } = options;
  return { labels, labelsOf: { page: pageLabels, ticket: ticketLabels }, runbookUrl, dashboardUrl };
}

function addLabels(
  rule: PrometheusRecordingRule,
  added: Readonly<Record<string, string>>,
): PrometheusRecordingRule {
  if (Object.keys(added).length === 0) return rule;
  return { ...rule, labels: { ...added, ...rule.labels } };
}

/**
 * Returns one group per method, because Prometheus evaluates groups in parallel, and one per service, with the objective
 * that its methods share.
 */
function objectiveGroups(
  objectives: readonly MeasuredObjective[],
  sloth: boolean,
  defaults: AlertDefaults,
): PrometheusRuleGroup[] {
  const ofMethods = objectives.flatMap((objective) => {
    const { service, method } = objective.subject;
    if (method === undefined) return [];
    const rules = rulesOf(objective, sloth, defaults);
    return [{ name: groupName(service, method), rules }];
  });
  const byService = groupBy(objectives, ({ subject }) => subject.service);
  const ofServices = [...byService].map(([service, found]) => {
    const shared = found.filter(({ subject }) => subject.method === undefined);
    const expressions = found.flatMap(({ targets }) => targets.map((each) => each.expressions));
    const absent = metricsAbsentAlert(service, expressions, defaults);
    const rules = shared.flatMap((objective) => rulesOf(objective, sloth, defaults));
    return { name: groupName(service), rules: absent === null ? rules : [...rules, absent] };
  });
  return [...ofMethods, ...ofServices];
}

function rulesOf(
  { targets }: MeasuredObjective,
  sloth: boolean,
  defaults: AlertDefaults,
): PrometheusRuleGroup['rules'] {
  return [
    ...targets.flatMap(({ expressions, rates }) => [
      ...objectiveRules(expressions, rates),
      ...rates.map((rate) => {
        const labels = sloth ? { ...slothLabels(expressions), sloth_severity: rate.severity } : {};
        return burnRateAlert(expressions, rate, labels, defaults);
      }),
    ]),
    callsStoppedAlert(targets[0].expressions, defaults),
  ];
}

/** Returns alerts on conditions that no objective sees. */
function conditionAlerts(
  methods: readonly DeclaredMethod[],
  histograms: HistogramStorage,
  prefix: string,
  defaults: AlertDefaults,
): PrometheusRuleGroup['rules'] {
  if (methods.length === 0) return [];
  const services = [...new Set(methods.map(({ service }) => service))];
  return [
    ...hangLimits(methods).map((limit) => callsHangAlert(limit, prefix, defaults)),
    repliesLostAlert(services, prefix, defaults),
    ...(hasDependencyAlert(methods)
      ? [dependencyDownAlert(methods, prefix, histograms, defaults)]
      : []),
  ];
}

/** Encodes the names, so that two groups never get the same name. */
function groupName(...names: readonly string[]): string {
  const parts = names.map((name) => encodeURIComponent(name.toWellFormed()));
  return ['thrift_objectives', ...parts].join('/');
}
