import { type DeclaredMethod, declaredMethods } from '../../declaration/describe';
import { checkMeasured } from '../../declaration/objective-check';
import { LABEL } from '../../metrics/catalogue';
import { currentRuntime } from '../../runtime/runtime';
import { burnRates } from '../../slo/burn-rates';
import { isDuration } from '../../slo/duration';
import { objectiveIndicators, type UnmeasuredTarget } from '../../slo/objective-indicator';
import {
  checkOption,
  checkOptionTable,
  isNonEmptyString,
  mustBe,
  type OptionTable,
} from '../../validation/checks';
import { ThriftMetricsError } from '../../validation/errors';
import { checkConstantLabels } from '../../validation/metric-checks';
import {
  type AlertDefaults,
  burnRateAlerts,
  callsStoppedAlert,
  metricsAbsentAlert,
} from './alerts';
import { checkHistogramStorage, type HistogramStorage } from '../histogram-expressions';
import { objectiveExpressions, type ObjectiveExpressions } from './objective-expressions';
import type {
  PrometheusRuleGroup,
  PrometheusRules,
  PrometheusRulesOptions,
} from './prometheus-rules';
import { OBJECTIVE_LABEL } from './recorded-series';
import { methodRules, objectiveRules } from './recording-rules';

const WHERE = 'createPrometheusRules';
const UNKNOWN_PLACEHOLDER = /\{(?!(?:alert|service|method)\})\w+\}/;

/** Labels that the alerts set themselves. */
const RESERVED_LABELS = [
  'alertname',
  'job',
  'severity',
  LABEL.service,
  LABEL.method,
  OBJECTIVE_LABEL,
  'long_window',
  'short_window',
] as const;

const OPTIONS: OptionTable<PrometheusRulesOptions> = {
  runbookUrl: checkRunbookUrl,
  labels: (where, name, value) =>
    checkConstantLabels(`${where}: option '${name}'`, value, RESERVED_LABELS),
  interval: mustBe(isDuration, "a duration above 0, such as '30s' or '1m'"),
  histograms: checkHistogramStorage,
};

function checkRunbookUrl(where: string, name: string, value: unknown): void {
  checkOption(where, name, value, isNonEmptyString, 'a URL');
  const [placeholder] = UNKNOWN_PLACEHOLDER.exec(String(value)) ?? [];
  if (placeholder === undefined) return;
  throw new ThriftMetricsError(
    'TM_ERR_OPTION_INVALID',
    `${where}: option '${name}' contains the unknown placeholder ${placeholder}. Use {alert}, {service} or {method}.`,
  );
}

/**
 * Creates recording rules and alerts for Prometheus from all methods that are declared in this process when it is
 * called. Import the modules with the decorated classes first. Returns the content of a rule file as plain data.
 *
 * Rules record the rate, the error ratio and the latency quantiles (p50, p95, p99) of each method. For each
 * `Objective`, rules record the error ratios and the remaining error budget, and alerts watch its burn rate, calls that
 * stopped and missing metrics. All series are aggregated by job, service and method.
 *
 * The rules use the metric names at the time of the call, including the configured prefix.
 *
 * @throws `ThriftMetricsError` `TM_ERR_OPTION_UNKNOWN`, `TM_ERR_OPTION_INVALID`, `TM_ERR_LABEL_NAME` or
 * `TM_ERR_LABEL_VALUE` if an option is wrong.
 * @throws `ThriftMetricsError` `TM_ERR_OBJECTIVE` if a method does not record the metrics that its objective needs.
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
  checkOptionTable(WHERE, options, OPTIONS);
  const { runbookUrl = null, labels = {}, interval, histograms = 'any' } = options;
  const runtime = currentRuntime();
  checkMeasured(runtime);
  const methods = declaredMethods(runtime);
  const groups = [
    { name: 'thrift_methods', rules: methodRules(methods, histograms) },
    ...objectiveGroups(methods, histograms, { labels: { ...labels }, runbookUrl }),
  ];
  return {
    groups: groups
      .filter(({ rules }) => rules.length > 0)
      .map(({ name, rules }) => ({ name, ...(interval !== undefined && { interval }), rules })),
  };
}

/** Returns one group per method, because Prometheus evaluates groups in parallel, and one group per service. */
function objectiveGroups(
  methods: readonly DeclaredMethod[],
  histograms: HistogramStorage,
  defaults: AlertDefaults,
): PrometheusRuleGroup[] {
  const groups: PrometheusRuleGroup[] = [];
  const byService = new Map<string, ObjectiveExpressions[]>();
  for (const method of methods) {
    const objectives = measuredObjectives(method, histograms);
    const [first] = objectives;
    if (first === undefined) continue;
    const { service } = method;
    byService.set(service, [...(byService.get(service) ?? []), ...objectives]);
    const rules: PrometheusRuleGroup['rules'] = objectives.flatMap((expressions) => {
      const { window, target } = expressions.indicator;
      const rates = burnRates(window, target);
      return [
        ...objectiveRules(expressions, rates),
        ...burnRateAlerts(expressions, rates, defaults),
      ];
    });
    rules.push(callsStoppedAlert(first, defaults));
    groups.push({ name: groupName(service, method.method), rules });
  }
  for (const [service, objectives] of byService) {
    const alert = metricsAbsentAlert(service, objectives, defaults);
    if (alert !== null) groups.push({ name: groupName(service), rules: [alert] });
  }
  return groups;
}

/** Returns one entry per target of the method's objective. Throws if the method lacks a metric that a target needs. */
function measuredObjectives(
  method: DeclaredMethod,
  histograms: HistogramStorage,
): ObjectiveExpressions[] {
  return objectiveIndicators(method).map((indicator) => {
    if (indicator.kind === 'unmeasured') throw unmeasuredError(method, indicator);
    return objectiveExpressions(indicator, histograms);
  });
}

function unmeasuredError(
  { declaredBy, method, service }: DeclaredMethod,
  { option, missing, decorator }: UnmeasuredTarget,
): ThriftMetricsError {
  const location = `${declaredBy === '' ? service : declaredBy}.${method}`;
  return new ThriftMetricsError(
    'TM_ERR_OBJECTIVE',
    `@Objective on ${location}: the ${option} objective has no effect because nothing records the ${missing} of the ` +
      `method. Add ${decorator} or @Instrumented, or give the method its own objective without '${option}'.`,
  );
}

/** Encodes the names, so that two groups never get the same name. */
function groupName(...names: readonly string[]): string {
  const parts = names.map((name) => encodeURIComponent(name.toWellFormed()));
  return ['thrift_objectives', ...parts].join('/');
}
