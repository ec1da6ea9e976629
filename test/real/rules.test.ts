import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { renderRules } from '../../src/tools/cli/rules-command';
import type { PrometheusRecordingRule } from '../../src/dashboards';
import { exampleRules } from '../support/example-rules';
import { startAlertmanager, type Alertmanager } from '../support/start-alertmanager';
import { startCalculator } from '../support/start-calculator';
import type { Program } from '../support/start-program';
import { startPrometheus, type Prometheus } from '../support/start-prometheus';
import { startWebhook, type Webhook } from '../support/start-webhook';

/** The part of an Alertmanager notification that is read here. */
interface Notification {
  readonly alerts: readonly {
    readonly status: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly annotations: Readonly<Record<string, string>>;
  }[];
}

const rules = exampleRules({
  labels: { team: 'payments' },
  runbookUrl: 'https://runbooks.test/{alert}',
});

const recordings = rules.groups
  .flatMap((group) => group.rules)
  .filter((rule): rule is PrometheusRecordingRule => 'record' in rule);

/** A configuration that posts each alert immediately. */
const postingTo = (url: string): string => `route:
  receiver: webhook
  group_by: [alertname, thrift_service, thrift_method]
  group_wait: 0s
receivers:
  - name: webhook
    webhook_configs:
      - url: '${url}'
`;

let webhook: Webhook<Notification>;
let alertmanager: Alertmanager;
let example: Program;
let prometheus: Prometheus;

beforeAll(async () => {
  webhook = await startWebhook();
  alertmanager = await startAlertmanager(postingTo(webhook.url));
  example = startCalculator('--duration', '110');
  const [, target = ''] = await example.writes(/metrics +http:\/\/(\S+)\/metrics/);
  prometheus = await startPrometheus(target, [], {
    text: renderRules(rules),
    alertmanager: alertmanager.address,
  });
});

afterAll(async () => {
  await Promise.all([example, prometheus, alertmanager, webhook].map((part) => part?.stop()));
});

/** Ratios do not exist for `reset`, which the example never calls. */
const isShare = ({ record }: PrometheusRecordingRule) => /ratio/.test(record);

function seriesOf({ record, labels = {} }: PrometheusRecordingRule): string {
  const matchers = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return `${record}{${matchers.join(',')}}`;
}

test('Prometheus loads and evaluates every rule', async () => {
  const loaded = await vi.waitUntil(
    async () => {
      const found = await prometheus.rules();
      return found.every(({ health }) => health !== 'unknown') ? found : undefined;
    },
    { timeout: 60_000, interval: 200 },
  );
  expect(loaded).toHaveLength(rules.groups.flatMap((group) => group.rules).length);
  expect(loaded.filter(({ health }) => health !== 'ok')).toEqual([]);
});

test('every recording rule returns data for the running example', async () => {
  expect(recordings.length).toBeGreaterThan(100);
  const called = recordings.filter(
    (rule) => rule.labels?.['thrift_method'] !== 'reset' || !isShare(rule),
  );
  let missing = called.map(seriesOf);
  await vi.waitUntil(
    async () => {
      const found = await Promise.all(missing.map((series) => prometheus.query(series)));
      missing = missing.filter((_, i) => found[i]?.length === 0);
      return missing.length === 0;
    },
    { timeout: 90_000, interval: 500 },
  );
});

test('a method without calls has rates of 0 and no ratios, and one without errors has a ratio of 0', async () => {
  const ratio = 'job_service_method:thrift_server_failed_requests:ratio_rate5m';
  const ping = `${ratio}{thrift_method="ping"}`;
  await vi.waitUntil(async () => (await prometheus.query(ping)).length > 0, {
    timeout: 30_000,
    interval: 200,
  });

  const rate = 'job_service_method:thrift_server_requests:rate5m{thrift_method="reset"}';
  expect(await prometheus.query(rate)).toMatchObject([{ value: [expect.anything(), '0'] }]);
  expect(await prometheus.query(ping)).toMatchObject([{ value: [expect.anything(), '0'] }]);
  expect(await prometheus.query(`${ratio}{thrift_method="reset"}`)).toEqual([]);
  const series = await prometheus.query('job_service_method:thrift_objective_errors:ratio_rate1h');
  expect(series.map(({ metric }) => metric['thrift_method'])).not.toContain('reset');
  expect(series.map(({ metric }) => metric['job'])).toContain('calculator');
});

test('an alert reaches the webhook of Alertmanager', async () => {
  // A quarter of the example's calls of `mean` fail with an undeclared error.
  const { alerts } = await webhook.receives(({ alerts: [first] }) => {
    const { alertname, thrift_method } = first?.labels ?? {};
    return alertname === 'ThriftAvailabilityBudgetBurn' && thrift_method === 'mean';
  });

  const [first] = alerts;
  expect(first?.status).toBe('firing');
  expect(first?.labels).toMatchObject({
    severity: expect.stringMatching(/^(page|ticket)$/),
    team: 'payments',
    job: 'calculator',
    thrift_service: 'Calculator',
    thrift_objective: 'availability',
  });
  expect(first?.annotations).toMatchObject({
    summary: expect.stringMatching(/^Calculator\.mean spends its availability error budget/),
    description: expect.stringMatching(/^\d+(\.\d+)?% of calls to Calculator\.mean .* failed/),
    runbook_url: 'https://runbooks.test/ThriftAvailabilityBudgetBurn',
  });
});

test('the availability alerts of methods without undeclared errors stay silent', async () => {
  const firing = 'ALERTS{alertname="ThriftAvailabilityBudgetBurn",alertstate="firing"}';
  // Prometheus sends an alert before it stores the alert's sample.
  const found = await vi.waitUntil(
    async () => {
      const alerts = await prometheus.query(firing);
      return alerts.length > 0 && alerts;
    },
    { timeout: 30_000, interval: 100 },
  );
  const methods = new Set(found.map(({ metric }) => metric['thrift_method']));
  // A tenth of the calls of `calculate` end in a declared exception.
  expect([...methods]).toEqual(['mean']);
});
