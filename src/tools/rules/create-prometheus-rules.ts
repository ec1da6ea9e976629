import { type DeclaredMethod, declaredMethods } from '../../declaration/describe';
import { checkMeasured } from '../../declaration/objective-check';
import { LABEL } from '../../metrics/catalogue';
import { currentRuntime } from '../../runtime/runtime';
import { burnRates, isDuration } from '../../slo/burn-rates';
import { type ObjectiveIndicator, objectiveIndicators } from '../../slo/objective-indicator';
import {
  checkConstantLabels,
  checkOption,
  checkOptions,
  isNonEmptyString,
} from '../../validation/checks';
import { ThriftMetricsError } from '../../validation/errors';
import {
  type AlertDefaults,
  burnRateAlerts,
  callsStoppedAlert,
  metricsAbsentAlert,
} from './alerts';
import type {
  PrometheusRuleGroup,
  PrometheusRules,
  PrometheusRulesOptions,
} from './prometheus-rules';
import { OBJECTIVE_LABEL, objectiveRules, recordingRules } from './recording-rules';

const WHERE = 'createPrometheusRules';
const OPTIONS = ['runbookUrl', 'labels', 'interval'] as const;
const PLACEHOLDERS: ReadonlySet<string> = new Set(['alert', 'service', 'method']);

/** What alerts have by themselves. */
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

/**
 * Recording rules and alerts for Prometheus, as the data of a rule file, made from everything that is declared in this
 * process: rate, error ratio and latency quantiles (p50, p95, p99) of each method, and for each `Objective` the error
 * ratios, what is left of the error budget, and alerts on its burn rate, on calls that stopped and on missing metrics.
 * Nothing is registered or changed. Series are aggregated by `job`, service and method.
 *
 * Names are those that the metrics have when it is called, `prefix` included.
 *
 * @throws ThriftMetricsError `TM_ERR_OPTION_UNKNOWN`, `TM_ERR_OPTION_INVALID`, `TM_ERR_LABEL_NAME` or
 * `TM_ERR_LABEL_VALUE` for a wrong option; `TM_ERR_OBJECTIVE` where a method does not record what its objective is about,
 * or nothing measures it.
 *
 * @example
 * ```ts
 * const { groups } = createPrometheusRules({ labels: { team: 'payments' }, interval: '30s' });
 * writeFileSync('thrift.rules.json', JSON.stringify({ groups })); // JSON is YAML
 * ```
 */
export function createPrometheusRules(options: PrometheusRulesOptions = {}): PrometheusRules {
  const { defaults, interval } = readOptions(options);
  const runtime = currentRuntime();
  checkMeasured(runtime);
  const methods = declaredMethods(runtime);
  const groups = [
    { name: 'thrift_methods', rules: recordingRules(methods) },
    ...objectiveGroups(methods, defaults),
  ];
  return {
    groups: groups
      .filter(({ rules }) => rules.length > 0)
      .map(({ name, rules }) => ({ name, ...(interval !== undefined && { interval }), rules })),
  };
}

/** A group for each method with an objective, since Prometheus evaluates groups side by side, and one for each service. */
function objectiveGroups(
  methods: readonly DeclaredMethod[],
  defaults: AlertDefaults,
): PrometheusRuleGroup[] {
  const groups: PrometheusRuleGroup[] = [];
  const byService = new Map<string, ObjectiveIndicator[]>();
  for (const method of methods) {
    const indicators = objectiveIndicators(method);
    const [first] = indicators;
    if (first === undefined) continue;
    const { service } = method;
    byService.set(service, [...(byService.get(service) ?? []), ...indicators]);
    const rules: PrometheusRuleGroup['rules'] = indicators.flatMap((indicator) => {
      const rates = burnRates(indicator.window, indicator.target);
      return [...objectiveRules(indicator, rates), ...burnRateAlerts(indicator, rates, defaults)];
    });
    rules.push(callsStoppedAlert(first, defaults));
    groups.push({ name: groupName(service, method.method), rules });
  }
  for (const [service, indicators] of byService) {
    const alert = metricsAbsentAlert(service, indicators, defaults);
    if (alert !== null) groups.push({ name: groupName(service), rules: [alert] });
  }
  return groups;
}

/** No two are the same, whatever the names hold. */
function groupName(...names: readonly string[]): string {
  const parts = names.map((name) => encodeURIComponent(name.toWellFormed()));
  return ['thrift_objectives', ...parts].join('/');
}

function readOptions(options: unknown): {
  defaults: AlertDefaults;
  interval: string | undefined;
} {
  checkOptions(WHERE, options, OPTIONS);
  const { runbookUrl, labels = {}, interval } = options as PrometheusRulesOptions;
  checkOption(WHERE, 'runbookUrl', runbookUrl, isNonEmptyString, 'a URL');
  for (const [, name = ''] of runbookUrl?.matchAll(/\{(\w+)\}/g) ?? []) {
    if (PLACEHOLDERS.has(name)) continue;
    throw new ThriftMetricsError(
      'TM_ERR_OPTION_INVALID',
      `${WHERE}: option 'runbookUrl' has the placeholder {${name}}; {alert}, {service} and {method} are replaced`,
    );
  }
  checkConstantLabels(`${WHERE}: option 'labels'`, labels, RESERVED_LABELS);
  checkOption(WHERE, 'interval', interval, isDuration, "a duration above 0, such as '30s' or '1m'");
  return { defaults: { labels: { ...labels }, runbookUrl: runbookUrl ?? null }, interval };
}
