import { type DeclaredMethod, declaredMethods } from '../../declaration/describe';
import { LABEL } from '../../metrics/catalogue';
import { currentRuntime } from '../../runtime/runtime';
import { callMetrics } from '../../slo/objective-indicator';
import { groupBy } from '../group-by';
import { spellLabels } from '../label-spelling';
import { quote } from '../promql';
import { bandedMethods } from './anomaly-group';
import { ANOMALY_ALERTS } from './anomaly-alerts';
import { ANOMALY_SCENARIOS, EVENT, scenarioSeries } from './anomaly-histories';
import type { SignalKind } from './anomaly-signals';
import type { PrometheusRuleTest, PrometheusRuleTests } from './create-rule-tests';

/** Evaluations as frequent as in Prometheus, because alerts must fire within {@link DEADLINE}. */
const INTERVAL = '1m';

/** Minutes after the event in which an alert must fire. */
const DEADLINE = 10;

/** Minutes after the event in which the other alerts must stay silent. */
const CALM = 30;

/**
 * Creates tests for the alerts that {@link createPrometheusRules} creates with `anomalies`. One history has several
 * deployments of the declared methods: with a weekly rhythm, a deploy, a slow growth and few calls, alerts are silent; a
 * doubled failure ratio at night, a step of the latency and a client that stops calling are flagged within ten minutes.
 * Returns the content of a file for `promtool test rules` as plain data.
 *
 * @param ruleFile - path of the rule file, relative to the test file
 */
export function createPrometheusAnomalyTests(ruleFile: string): PrometheusRuleTests {
  const runtime = currentRuntime();
  const methods = distinctMethods(bandedMethods(declaredMethods(runtime), true));
  return {
    rule_files: [ruleFile],
    evaluation_interval: INTERVAL,
    tests: spellLabels(methods.map(testOf), runtime.settings.labelNames),
  };
}

/** Returns one method for each set of metrics, because bands are computed by the names of metrics. */
function distinctMethods(methods: readonly DeclaredMethod[]): DeclaredMethod[] {
  const counted = methods.filter((method) => callMetrics(method).calls !== undefined);
  const groups = groupBy(counted, (method) => {
    const { calls, failures, latency } = callMetrics(method);
    return JSON.stringify([calls?.name, failures?.by === 'kind' && failures.name, latency?.name]);
  });
  return [...groups.values()].flatMap(([first]) => first ?? []);
}

function testOf(declared: DeclaredMethod): PrometheusRuleTest {
  const { service, method } = declared;
  const { failures, latency } = callMetrics(declared);
  const hasBand: Readonly<Record<SignalKind, boolean>> = {
    rate: true,
    failures: failures?.by === 'kind',
    latency: latency !== undefined,
  };
  const anomalies = ANOMALY_SCENARIOS.flatMap(({ job, fires }) => {
    if (fires === null || !hasBand[fires]) return [];
    const labels = {
      alertname: ANOMALY_ALERTS[fires],
      job,
      [LABEL.service]: service,
      [LABEL.method]: method,
    };
    const pairs = Object.entries(labels).map(([name, value]) => `${name}=${quote(value)}`);
    return [{ labels: `{${pairs.join(',')}}`, value: 1 }];
  });
  return {
    name: `anomalies of ${service}.${method}`,
    interval: INTERVAL,
    input_series: ANOMALY_SCENARIOS.flatMap((scenario) => scenarioSeries(declared, scenario)),
    promql_expr_test: [
      { expr: firedIn('5h'), eval_time: `${EVENT}m`, exp_samples: [] },
      ...[DEADLINE, CALM].map((minutes) => ({
        expr: firedIn(`${minutes}m`),
        eval_time: `${EVENT + minutes}m`,
        exp_samples: anomalies,
      })),
    ],
  };
}

/** The alerts that have fired at any time in a range. */
function firedIn(range: string): string {
  const names = Object.values(ANOMALY_ALERTS).join('|');
  const labels = ['alertname', 'job', LABEL.service, LABEL.method].join(', ');
  return `count by (${labels}) (max_over_time(ALERTS{alertstate="firing",alertname=~"${names}"}[${range}]))`;
}
