import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';
import { stringify } from 'yaml';

import { MONITORING, readPrometheusConfig } from '../support/monitoring-config';
import { startAlertmanager } from '../support/start-alertmanager';
import { runProgram, startProgram } from '../support/start-program';

/** Debian's Prometheus is built without Kubernetes discovery. */
const KUBERNETES = 'prometheus-kubernetes.yml';
const CONFIGS = readdirSync(MONITORING).filter(
  (name) => /^prometheus.*\.yml$/.test(name) && name !== KUBERNETES,
);

async function temporaryFile(text: string, name: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'monitoring-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

test.each(CONFIGS)('promtool accepts %s', async (name) => {
  const mode = name === 'prometheus-agent.yml' ? ['--agent'] : [];
  const check = ['check', 'config', '--lint=all', '--lint-fatal', ...mode];
  const { code, stdout, stderr } = await runProgram('promtool', [...check, join(MONITORING, name)]);

  expect(stderr).toBe('');
  expect(stdout).toContain('is valid prometheus config file syntax');
  expect(code).toBe(0);
});

/** The configuration with static pods instead of discovery, under the labels that discovery would give them. */
function withPods(pods: readonly Record<string, string>[]): string {
  const config = readPrometheusConfig(KUBERNETES);
  for (const job of config.scrape_configs) {
    delete job['kubernetes_sd_configs'];
    job['static_configs'] = pods.map((labels, i) => ({
      targets: [`10.0.0.${i}:8000`],
      labels: Object.fromEntries(
        Object.entries(labels).map(([name, value]) => [`__meta_kubernetes_${name}`, value]),
      ),
    }));
  }
  return stringify(config);
}

test('the Kubernetes configuration scrapes only the running calculators of the namespace, under their names', async () => {
  const pod = {
    namespace: 'shop',
    pod_name: 'calculator-1',
    pod_phase: 'Running',
    pod_label_app_kubernetes_io_name: 'calculator',
    pod_container_port_name: 'metrics',
  };
  const path = await temporaryFile(
    withPods([
      pod,
      { ...pod, pod_name: 'other-1', pod_label_app_kubernetes_io_name: 'other' },
      { ...pod, pod_container_port_name: 'thrift' },
      { ...pod, pod_name: 'calculator-2', pod_phase: 'Succeeded' },
      { ...pod, pod_name: 'calculator-3', pod_phase: 'Pending' },
    ]),
    KUBERNETES,
  );

  expect((await runProgram('promtool', ['check', 'config', path])).code).toBe(0);
  const discover = ['check', 'service-discovery', '--timeout=3s', path, 'calculator'];
  const { stdout } = await runProgram('promtool', discover);

  const found = (JSON.parse(stdout) as { labels: Record<string, string> }[])
    .map(({ labels }) => labels)
    .filter(({ instance }) => instance !== undefined);
  const target = (i: number, name: string) =>
    expect.objectContaining({
      job: 'calculator',
      instance: `10.0.0.${i}:8000`,
      namespace: 'shop',
      pod: name,
    }) as unknown;
  expect(found).toHaveLength(2);
  expect(found).toEqual(
    expect.arrayContaining([target(0, 'calculator-1'), target(4, 'calculator-3')]),
  );
});

test('amtool accepts the Alertmanager configuration', async () => {
  const file = join(MONITORING, 'alertmanager.yml');
  const { code, stdout } = await runProgram('amtool', ['check-config', file]);

  expect(stdout).toContain('SUCCESS');
  expect(code).toBe(0);
});

test('Alertmanager routes pages and tickets, and suppresses a ticket for which there is a page', async () => {
  const webhook = startProgram(process.execPath, [join(MONITORING, 'webhook.mjs'), '0']);
  onTestFinished(() => webhook.stop());
  const [, port = ''] = await webhook.writes(/^listening on port (\d+)$/m);
  const config = readFileSync(join(MONITORING, 'alertmanager.yml'), 'utf8')
    .replaceAll('webhook:8080', `127.0.0.1:${port}`)
    .replaceAll(/group_wait: \d+s/g, 'group_wait: 1s');
  const alertmanager = await startAlertmanager(config);
  onTestFinished(() => alertmanager.stop());
  const of = {
    job: 'calculator',
    thrift_service: 'Calculator',
    thrift_method: 'mean',
    thrift_objective: 'availability',
  };
  const ticket = { alertname: 'SlowBurn', severity: 'ticket', ...of };

  await alertmanager.raise([
    {
      labels: { alertname: 'FastBurn', severity: 'page', ...of },
      annotations: { summary: 'too fast' },
    },
    { labels: ticket },
    { labels: { ...ticket, thrift_method: 'add' } },
  ]);

  await webhook.writes(/^\/page firing FastBurn: too fast .*"thrift_method":"mean"/m);
  await webhook.writes(/^\/ticket firing SlowBurn: no summary .*"thrift_method":"add"/m);
  const states = await vi.waitUntil(
    async () => {
      const alerts = await alertmanager.alerts();
      const processed = alerts.every(({ status }) => status.state !== 'unprocessed');
      return processed ? alerts : undefined;
    },
    { timeout: 30_000, interval: 100 },
  );
  expect(
    states
      .map(
        ({ labels, status }) => `${labels['severity']} ${labels['thrift_method']} ${status.state}`,
      )
      .toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(['page mean active', 'ticket add active', 'ticket mean suppressed']);
  webhook.signal('SIGTERM');
  const { code, stdout } = await webhook.ended;
  expect(stdout.split('\n').filter((line) => line.startsWith('/ticket'))).toHaveLength(1);
  expect(code).toBe(0);
});
