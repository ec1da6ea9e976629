import { readFileSync } from 'node:fs';
import http from 'node:http';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { CHECK_RULES } from '../../src/tools/cli/check/check-rules';
import { MONITORING } from '../support/monitoring-config';
import { runPrometheus, type RunningPrometheus, RULE_FILE } from '../support/run-prometheus';
import { startCalculator } from '../support/start-calculator';
import { runProgram, startProgram } from '../support/start-program';
import { compileModule, runCommand } from '../tools/cli/program/command';
import { serveText } from '../tools/cli/program/serve-text';

interface Finding {
  readonly rule: string;
  readonly metric: string;
  readonly text: string;
}

interface Report {
  readonly version: string;
  readonly storage: Record<string, string>;
  readonly histograms: string;
  readonly jobs: string[];
  readonly queries: { total: number; answered: number; idle: string[] };
  readonly findings: Finding[];
}

async function check(address: string, ...args: string[]): Promise<Report> {
  const { code, stdout, stderr } = await runCommand(
    'check',
    '--json',
    '--timeout',
    '60',
    '--prometheus',
    address,
    ...args,
  );
  expect({ stderr, code: code === 2 ? code : 0 }).toEqual({ stderr: '', code: 0 });
  return JSON.parse(stdout) as Report;
}

/** Resolves when a query has a result. */
function answered({ get }: RunningPrometheus, expression: string): Promise<void> {
  return vi.waitFor(
    async () => {
      const { result } = (await get(`query?query=${encodeURIComponent(expression)}`)) as {
        result: unknown[];
      };
      expect(result).not.toEqual([]);
    },
    { timeout: 90_000, interval: 500 },
  );
}

interface LoadedGroups {
  readonly groups: readonly {
    readonly evaluationTime: number;
    readonly rules: readonly { readonly health: string }[];
  }[];
}

/** Resolves when every loaded rule was evaluated, and as many have failed. */
function evaluated({ get }: RunningPrometheus, failed = 0): Promise<void> {
  return vi.waitFor(
    async () => {
      const { groups } = (await get('rules')) as LoadedGroups;
      expect(groups.length).toBeGreaterThan(0);
      expect(groups.every(({ evaluationTime }) => evaluationTime > 0)).toBe(true);
      const health = groups.flatMap(({ rules }) => rules.map((rule) => rule.health));
      expect(health).not.toContain('unknown');
      expect(health.filter((each) => each === 'err')).toHaveLength(failed);
    },
    { timeout: 60_000, interval: 500 },
  );
}

async function start(
  config: string,
  options: Parameters<typeof runPrometheus>[1],
): Promise<RunningPrometheus> {
  const prometheus = await runPrometheus(config, options);
  onTestFinished(() => prometheus.stop());
  return prometheus;
}

test('the monitoring of the calculator example has no findings', async () => {
  const example = startCalculator('--duration', '150');
  onTestFinished(() => example.stop());
  const [, target = ''] = await example.writes(/^metrics +http:\/\/(\S+)\/metrics$/m);
  const rules = readFileSync(join(MONITORING, 'rules/thrift.yml'), 'utf8');
  // Longer than evaluations and scrapes take on a busy machine.
  const config = `
global: { scrape_interval: 5s, evaluation_interval: 5s, scrape_timeout: 5s }
rule_files: [${RULE_FILE}]
scrape_configs: [{ job_name: calculator, static_configs: [{ targets: ['${target}'] }] }]
`;
  const prometheus = await start(config, { rules });
  // One for each target of every method, except for those of `reset`, which is not called.
  await answered(
    prometheus,
    'count(job_service_method:thrift_objective_errors:ratio_rate5m) == 11',
  );
  await evaluated(prometheus);

  const report = await check(prometheus.address, 'examples/calculator/handler.ts');

  const { version, storage, histograms, jobs, queries, findings } = report;
  expect(findings).toEqual([]);
  expect(version).toMatch(/^\d+\.\d+/);
  expect(storage).toEqual({ thrift_server_latency_seconds: 'classic' });
  expect({ histograms, jobs }).toEqual({ histograms: 'any', jobs: ['calculator'] });
  // The load client does not call `reset`, and bands need hours of history.
  const without = /Calculator\.reset$|_(?:deviation|expected|lower|upper)$| and its band'/;
  expect(queries.idle.filter((name) => !without.test(name))).toEqual([]);
  expect(queries.answered).toBeGreaterThan(queries.total - 50);
}, 180_000);

const NATIVE = '{ timed: { native: true } }';

/** Compiles a handler class, and returns the path of its module. */
function shop(name: string, options = ''): string {
  const code = `
import { Instrumented, Objective } from 'thrift-metrics';

@Instrumented${options === '' ? '' : `(${options})`}
@Objective({ availability: 0.99, latency: { target: 0.9, within: 0.1 } })
export class ShopHandler {
  buy() {}
}`;
  return compileModule(`check-prometheus/${name}.mjs`, code);
}

/** Serves the metrics of a module, and returns the address. */
async function serveModule(module: string, name: string): Promise<string> {
  const path = compileModule(
    `check-prometheus/${name}-server.mjs`,
    `import { startMetricsServer } from 'thrift-metrics';
     import ${JSON.stringify(module)};
     const { port } = await startMetricsServer({ port: 0 });
     console.log('port ' + port);`,
  );
  const program = startProgram(process.execPath, [path]);
  onTestFinished(() => program.stop());
  const [, port = ''] = await program.writes(/^port (\d+)$/m);
  return `127.0.0.1:${port}`;
}

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

interface RuleGroup {
  readonly name: string;
  readonly interval?: string;
  readonly rules: Rule[];
}

async function generatedGroups(module: string, options: object): Promise<RuleGroup[]> {
  const path = compileModule(
    'check-prometheus/generate.mjs',
    `import { createPrometheusRules } from 'thrift-metrics/dashboards';
     const [, , module, options] = process.argv;
     await import(module);
     console.log(JSON.stringify(createPrometheusRules(JSON.parse(options))));`,
  );
  const { stdout } = await runProgram(process.execPath, [path, module, JSON.stringify(options)]);
  return (JSON.parse(stdout) as { groups: RuleGroup[] }).groups;
}

const RECORDED = 'job_service_method:thrift_server_requests:rate5m';

/** Rules with a fault of each kind. */
function breakRules([first, ...others]: RuleGroup[]): RuleGroup[] {
  const { name = '', rules = [] } = first ?? {};
  const remaining = rules.slice(0, -1);
  const changed = remaining.map((rule) =>
    rule.record === RECORDED ? { ...rule, expr: `(${rule.expr}) + 1` } : rule,
  );
  const alert = others.flatMap((group) => group.rules).find((rule) => rule.alert !== undefined);
  const labels = { user: 'all' };
  return [
    { name, rules: changed },
    ...others,
    { name: 'again', rules: alert === undefined ? [] : [alert] },
    { name: 'failing', rules: [{ record: 'shop:calls', expr: REQUESTS, labels }] },
    {
      name: 'slow',
      interval: '200ms',
      rules: [
        {
          record: 'shop:slow',
          expr: `sum(${REQUESTS}) + scalar(count_over_time(vector(1)[1h:1ms]))`,
        },
      ],
    },
  ];
}

const REQUESTS = 'thrift_server_requests_total';

function requests(...labels: readonly string[]): string {
  const series = labels.map(
    (each) => `${REQUESTS}{thrift_service="Shop",thrift_method="buy",${each}} 0\n`,
  );
  return `# HELP ${REQUESTS} Calls.\n# TYPE ${REQUESTS} counter\n${series.join('')}`;
}

const SLOW_MS = 2500;
const USERS = Array.from({ length: 20 }, (_, i) => `user="${i}"`);

/** Forwards requests to Prometheus below a path, and refuses queries with `topk`, as a database might that does not know it. */
async function refuseTopk(address: string): Promise<string> {
  const proxy = await serveText((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      if (body.includes('topk')) {
        response.writeHead(422, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ status: 'error', error: 'unknown function "topk"' }));
        return;
      }
      const { method, headers, url = '' } = request;
      const forwarded = `http://${address}${url.replace('/monitoring', '')}`;
      http
        .request(forwarded, { method, headers }, (answer) => {
          response.writeHead(answer.statusCode ?? 0, answer.headers);
          answer.pipe(response);
        })
        .end(body);
    });
  });
  return `http://${proxy}/monitoring/`;
}

const BROKEN: readonly (readonly [rule: keyof typeof CHECK_RULES, metric: string, text: RegExp])[] =
  [
    ['cardinality', REQUESTS, /^20 series in one process, more than 10; label 'user' has the/],
    [
      'target-down',
      '-',
      /^target http:\/\/127\.0\.0\.1:1\/metrics of job 'shop' is down: .*refused/,
    ],
    ['missing-metric', 'thrift_server_active_requests', /^no series, .* let Prometheus scrape/],
    ['other-prefix', 'thrift_server_failed_requests_total', /pass --prefix 'old_'$/],
    ['no-data', 'thrift_server_latency_seconds_bucket', /^no series match .*le=\\?"0\.1\\?"/],
    [
      'expression-failed',
      '-',
      /^panel '.*' fails: unknown function \\?"topk\\?"; update Prometheus/,
    ],
    ['rules-missing', '-', /^1 of \d+ generated rules are not loaded \(job_service_method:.*\)/],
    ['rules-outdated', '-', new RegExp(`^1 rules are .* other expressions \\(${RECORDED}\\)`)],
    ['rules-repeated', '-', /^1 rules are loaded more than once \(Thrift\w+ of Shop\.buy\)/],
    ['rule-failed', 'shop:calls', /^the loaded rule fails: .*same labelset/],
    ['recorded-differs', RECORDED, /recorded 1, but its expression gives 0 at the same time/],
    ['label-clash', REQUESTS, /has a label 'thrift_service' too, .*'exported_thrift_service'/],
    ['label-missing', REQUESTS, /^series lack the label 'thrift_service'/],
    ['label-override', REQUESTS, /instance 'pod-1' of these series: honor_labels of job 'honor'/],
    ['slow-rules', '-', /^group 'slow' takes .* of its interval of 0\.2 s/],
    [
      'expensive-query',
      '-',
      /^panel '.*' reads \d+ samples each time, more than 3000; select fewer/,
    ],
    ['slow-scrape', '-', /of job 'slow' takes 2\.\d+ s of its scrape_timeout of 4 s/],
  ];

describe('a Prometheus with a fault of each kind', () => {
  let findings: readonly Finding[];

  test('every fault is found, and nothing else is', async () => {
    const module = shop('broken');
    const target = await serveModule(module, 'broken');
    const honored = await serveText(requests('instance="pod-1"'));
    const slow = await serveText((_, response) => {
      setTimeout(() => {
        response.setHeader('content-type', 'text/plain; version=0.0.4');
        response.end(requests(...USERS));
      }, SLOW_MS);
    });
    const metric_relabel_configs = [
      { source_labels: ['__name__'], regex: 'thrift_server_active_requests', action: 'drop' },
      {
        source_labels: ['__name__', 'le'],
        regex: 'thrift_server_latency_seconds_bucket;0.1',
        action: 'drop',
      },
      {
        source_labels: ['__name__'],
        regex: 'thrift_server_failed_requests_total',
        target_label: '__name__',
        replacement: 'old_thrift_server_failed_requests_total',
      },
    ];
    const job = (name: string, targets: readonly string[], labels = {}) => ({
      job_name: name,
      static_configs: [{ targets, labels }],
      metric_relabel_configs,
    });
    const lost = job('lost', [target]);
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [RULE_FILE],
      scrape_configs: [
        job('shop', [target, '127.0.0.1:1']),
        job('clash', [target], { thrift_service: 'shop' }),
        {
          ...lost,
          metric_relabel_configs: [
            ...metric_relabel_configs,
            { regex: 'thrift_service', action: 'labeldrop' },
          ],
        },
        { ...job('honor', [honored]), honor_labels: true },
        { ...job('slow', [slow]), scrape_interval: '4s', scrape_timeout: '4s' },
      ],
    };
    const groups = breakRules(await generatedGroups(module, {}));
    const prometheus = await start(JSON.stringify(config), { rules: JSON.stringify({ groups }) });
    await answered(prometheus, `count(count by (job) (${REQUESTS})) == 5`);
    await answered(prometheus, `count_over_time(${RECORDED}{thrift_service="Shop"}[1m]) >= 3`);
    await answered(prometheus, 'shop:slow');
    await evaluated(prometheus, 1);

    const address = await refuseTopk(prometheus.address);
    ({ findings } = await check(address, '--max-series', '10', '--max-samples', '3000', module));

    const rules = new Set(findings.map(({ rule }) => rule));
    expect([...rules].toSorted()).toEqual(BROKEN.map(([rule]) => rule).toSorted());
  }, 180_000);

  test.each(BROKEN)('the finding %s says what is wrong', (rule, metric, text) => {
    const found = findings.filter((each) => each.rule === rule && each.metric === metric);
    expect(found.map((each) => each.text)).toContainEqual(expect.stringMatching(text));
  });
});

test('every rule about a Prometheus is tested here', () => {
  const rules = Object.keys(CHECK_RULES);
  const tested = new Set<string>([...BROKEN.map(([rule]) => rule), 'histogram-storage']);
  expect(rules.slice(rules.indexOf('target-down')).filter((rule) => !tested.has(rule))).toEqual([]);
});

test.each([
  ['classic', ['histogram-storage']],
  ['any', []],
])(
  'native histograms and rules for %s histograms: %j',
  async (histograms, expected) => {
    const module = shop('native', NATIVE);
    const target = await serveModule(module, `native-${histograms}`);
    const config = {
      global: { scrape_interval: '5s', evaluation_interval: '5s', scrape_timeout: '5s' },
      rule_files: [RULE_FILE],
      scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [target] }] }],
    };
    const groups = await generatedGroups(module, { histograms });
    const prometheus = await start(JSON.stringify(config), {
      args: ['--enable-feature=native-histograms'],
      rules: JSON.stringify({ groups }),
    });
    await answered(prometheus, `${RECORDED}{thrift_service="Shop"}`);
    await evaluated(prometheus);

    const { storage, findings } = await check(prometheus.address, module);

    expect(storage).toEqual({ thrift_server_latency_seconds: 'native' });
    expect(findings.map(({ rule }) => rule)).toEqual(expected);
    for (const { metric, text } of findings) {
      expect(metric).toBe('thrift_server_latency_seconds');
      expect(text).toMatch(/^stored as native, but \d+ loaded rules, .* read classic buckets only/);
    }
  },
  180_000,
);

test('rules written with --anomalies and --format sloth are compared with the same options', async () => {
  const module = shop('options');
  const target = await serveModule(module, 'options');
  const config = {
    global: { scrape_interval: '5s', evaluation_interval: '5s', scrape_timeout: '5s' },
    rule_files: [RULE_FILE],
    scrape_configs: [{ job_name: 'shop', static_configs: [{ targets: [target] }] }],
  };
  const generated = await generatedGroups(module, { anomalies: true, sloth: true });
  const groups = generated.map((group) =>
    group.name === 'thrift_anomalies' ? { ...group, rules: group.rules.slice(1) } : group,
  );
  const [lost] = generated.find(({ name }) => name === 'thrift_anomalies')?.rules ?? [];
  const prometheus = await start(JSON.stringify(config), { rules: JSON.stringify({ groups }) });
  await answered(prometheus, `${RECORDED}{thrift_service="Shop"}`);
  await answered(prometheus, 'slo:objective:ratio');

  const { findings } = await check(prometheus.address, module);

  expect(findings.map(({ rule, text }) => [rule, text])).toEqual([
    ['rules-missing', expect.stringMatching(`^1 of \\d+ generated rules .*${lost?.record}`)],
  ]);
}, 180_000);

test('an address without a Prometheus is an error with exit code 2', async () => {
  const module = shop('unreachable');
  const endpoint = await serveText(requests('user="1"'));

  const other = await runCommand('check', '--prometheus', endpoint, module);
  const nothing = await runCommand('check', '--prometheus', '127.0.0.1:1', module);

  expect(other).toMatchObject({ code: 2, stdout: '' });
  expect(other.stderr).toMatch(
    /does not answer as Prometheus does\. Check the path of the URL\.\n$/,
  );
  expect(nothing).toMatchObject({ code: 2, stdout: '' });
  expect(nothing.stderr).toMatch(/ECONNREFUSED.* Prometheus uses 9090 by default/);
});
