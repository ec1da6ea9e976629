import { expect, test, onTestFinished } from 'vitest';

import { startMetricsServer } from '../../../../src/index';
import { certify } from '../../../support/certify';
import { startCalculator } from '../../../support/start-calculator';
import { startProgram } from '../../../support/start-program';
import { compileModule, HANDLERS, runCommand } from './command';
import { serveText } from './serve-text';

const linesOf = (text: string) => text.split('\n').filter(Boolean);

async function findingsIn(text: string, ...options: readonly string[]) {
  const { code, stdout } = await runCommand('check', ...options, await serveText(text));
  return { code, findings: linesOf(stdout) };
}

const GOOD = `# HELP thrift_server_requests_total Calls.
# TYPE thrift_server_requests_total counter
thrift_server_requests_total{thrift_service="S",thrift_method="m",env="prod"} 1
# HELP thrift_server_latency_seconds Time.
# TYPE thrift_server_latency_seconds histogram
thrift_server_latency_seconds_bucket{thrift_service="S",thrift_method="m",thrift_success="true",env="prod",le="0.1"} 1
thrift_server_latency_seconds_bucket{thrift_service="S",thrift_method="m",thrift_success="true",env="prod",le="+Inf"} 1
thrift_server_latency_seconds_sum{thrift_service="S",thrift_method="m",thrift_success="true",env="prod"} 0.05
thrift_server_latency_seconds_count{thrift_service="S",thrift_method="m",thrift_success="true",env="prod"} 1
thrift_server_latency_seconds_bucket{thrift_service="S",thrift_method="m",thrift_success="false",env="prod",le="0.1"} 0
thrift_server_latency_seconds_bucket{thrift_service="S",thrift_method="m",thrift_success="false",env="prod",le="+Inf"} 0
thrift_server_latency_seconds_sum{thrift_service="S",thrift_method="m",thrift_success="false",env="prod"} 0
thrift_server_latency_seconds_count{thrift_service="S",thrift_method="m",thrift_success="false",env="prod"} 0
# HELP thrift_server_errors_total Failures.
# TYPE thrift_server_errors_total counter
thrift_server_errors_total{thrift_service="S",thrift_method="m",thrift_exception_kind="undeclared",thrift_exception_type="Error",env="prod"} 0
`;

test('a correct endpoint has no findings', async () => {
  expect(await findingsIn(GOOD, '--strict')).toEqual({ code: 0, findings: [] });
});

test('the calculator example, which measures service, server and client, has no findings', async () => {
  const example = startCalculator('--duration', '20');
  onTestFinished(() => example.stop());
  const [, url = ''] = await example.writes(/^metrics +(http\S+)\/metrics$/m);
  const handler = 'examples/calculator/handler.ts';
  const checked = await runCommand('check', '--strict', '--module', handler, url);
  expect(checked).toMatchObject({ code: 0, stdout: '' });
});

const without = (pattern: RegExp) => GOOD.replaceAll(pattern, '');

test.each<[rule: string, text: string, finding: string]>([
  ['syntax', `${GOOD}<html>\n`, 'error syntax -: text 0.0.4, line 17: expected a metric name'],
  [
    'missing-help',
    without(/^# HELP \w+requests.*\n/gm),
    'error missing-help thrift_server_requests_total: no HELP text; add a description',
  ],
  ['missing-type', `${GOOD}# HELP a B.\na 1\n`, 'error missing-type a: no TYPE; add one'],
  [
    'counter-suffix',
    `${GOOD}# HELP a B.\n# TYPE a counter\na 1\n`,
    'error counter-suffix a: the name of a counter must end with _total',
  ],
  [
    'counter-suffix',
    `${GOOD}# HELP a_total B.\n# TYPE a_total gauge\na_total 1\n`,
    'error counter-suffix a_total: the name of a gauge must not end with _total',
  ],
  [
    'reserved-suffix',
    `${GOOD}# HELP a_count B.\n# TYPE a_count gauge\na_count 1\n`,
    'error reserved-suffix a_count: _count is reserved for histograms and summaries; rename the metric',
  ],
  [
    'reserved-label',
    `${GOOD}# HELP a B.\n# TYPE a gauge\na{le="1"} 1\n`,
    "error reserved-label a: label 'le' is reserved for a histogram; rename it",
  ],
  [
    'name-style',
    `${GOOD}# HELP aB B.\n# TYPE aB gauge\naB 1\n`,
    'error name-style aB: the name is in camelCase; use snake_case',
  ],
  [
    'name-style',
    `${GOOD}# HELP a B.\n# TYPE a gauge\na{cD="1"} 1\n`,
    "error name-style a: label 'cD' is in camelCase; use snake_case",
  ],
  [
    'type-in-name',
    `${GOOD}# HELP a_gauge B.\n# TYPE a_gauge gauge\na_gauge 1\n`,
    "error type-in-name a_gauge: the name contains the type 'gauge', which may change; remove it",
  ],
  [
    'base-unit',
    `${GOOD}# HELP a_milliseconds B.\n# TYPE a_milliseconds gauge\na_milliseconds 1\n`,
    "error base-unit a_milliseconds: 'milliseconds' is not a base unit; use seconds",
  ],
  [
    'abbreviated-unit',
    `${GOOD}# HELP a_ms B.\n# TYPE a_ms gauge\na_ms 1\n`,
    "error abbreviated-unit a_ms: 'ms' abbreviates a unit; use its full name",
  ],
  [
    'duplicate-series',
    `${GOOD}# HELP a B.\n# TYPE a gauge\na{x="1",y="2"} 1\na{y="2",x="1"} 1\n`,
    'error duplicate-series a: series appears more than once: a{y="2",x="1"}; export it once',
  ],
  [
    'broken-histogram',
    GOOD.replace(/(_count\{.*"true".*) 1$/m, '$1 2'),
    'error broken-histogram thrift_server_latency_seconds: _count differs from bucket +Inf: thrift_server_latency_seconds_bucket{thrift_service="S",thrift_method="m",thrift_success="true",env="prod",le="0.1"}',
  ],
  [
    'missing-zero',
    without(/^.*thrift_success="false".*\n/gm),
    'error missing-zero thrift_server_latency_seconds: S.m has no series with thrift_success="false"; let the program create it at 0, so that Prometheus sees the first increase',
  ],
  [
    'missing-zero',
    GOOD.replace('"undeclared"', '"declared"'),
    'error missing-zero thrift_server_errors_total: S.m has no series with thrift_exception_kind="undeclared", thrift_exception_type="Error"; let the program create it at 0, so that Prometheus sees the first increase',
  ],
])('check reports %s as an error', async (_rule, text, finding) => {
  expect(await findingsIn(text)).toEqual({ code: 1, findings: [finding] });
});

test.each<[rule: string, text: string, finding: string]>([
  [
    'timestamp',
    `${GOOD}# HELP a B.\n# TYPE a gauge\na 1 1700000000000\n`,
    'warning timestamp a: a value has a timestamp, so Prometheus does not see when the series ends; remove it',
  ],
  [
    'no-methods',
    '# HELP a B.\n# TYPE a gauge\na 1\n',
    'warning no-methods -: the endpoint serves no metric of a Thrift method; decorate a handler, or check that the program has created its server',
  ],
  [
    'unknown-series',
    GOOD.replaceAll('"S"', '"_unknown"').replaceAll(/^.*(?:latency|errors).*\n/gm, ''),
    'warning unknown-series thrift_server_requests_total: _unknown.m counts calls of methods that are not declared; check that clients and server have the same IDL',
  ],
  [
    'series-limit',
    `${GOOD}# HELP a_total B.\n# TYPE a_total counter\na_total{thrift_service="S",thrift_method="m",op="_other"} 1\n`,
    "warning series-limit a_total: label 'op' has the value _other; reduce its values, or raise maxSeriesPerMetric",
  ],
  [
    'series-limit',
    `${GOOD}# HELP b_total B.\n# TYPE b_total counter\nb_total{thrift_service="S",thrift_caller="_other"} 1\n`,
    "warning series-limit b_total: label 'thrift_caller' has the value _other; reduce its values, or raise maxSeriesPerMetric",
  ],
  [
    'series-limit',
    `${GOOD}# HELP thrift_metrics_dropped_series_total B.\n# TYPE thrift_metrics_dropped_series_total counter\nthrift_metrics_dropped_series_total{metric="a"} 3\n`,
    'warning series-limit thrift_metrics_dropped_series_total: 3 recordings of a are counted under _other; reduce its label values, or raise maxSeriesPerMetric',
  ],
  [
    'internal-errors',
    `${GOOD}# HELP x_thrift_metrics_internal_errors_total B.\n# TYPE x_thrift_metrics_internal_errors_total counter\nx_thrift_metrics_internal_errors_total{site="label"} 3\n`,
    "warning internal-errors x_thrift_metrics_internal_errors_total: 3 errors at 'label'; see the first one, which onError received",
  ],
])(
  'check reports %s as a warning, which fails only with --strict',
  async (_rule, text, finding) => {
    expect(await findingsIn(text)).toEqual({ code: 0, findings: [finding] });
    expect(await findingsIn(text, '--strict')).toEqual({ code: 1, findings: [finding] });
  },
);

test('series that are created by calls do not count as missing', async () => {
  const ofCalls = GOOD.replaceAll('env="prod"', 'env="prod",op="a"')
    .concat('')
    .replaceAll(/^.*thrift_success="false".*\n/gm, '')
    .replace(/^(thrift_server_requests_total.*)op="a"(.*)$/m, '$1op="b"$2');
  expect(await findingsIn(ofCalls)).toEqual({ code: 0, findings: [] });
});

test('too many series are reported with the label that has the most values', async () => {
  const many = Array.from({ length: 20 }, (_, i) => `a{user="${i}",kind="${i % 2}"} 1\n`).join('');
  const text = `${GOOD}# HELP a B.\n# TYPE a gauge\n${many}`;
  expect(await findingsIn(text, '--max-series', '20')).toMatchObject({ code: 0 });
  expect(await findingsIn(text, '--max-series', '19')).toEqual({
    code: 1,
    findings: [
      "error cardinality a: 20 series, more than 19; label 'user' has the most values (20); reduce them, or raise --max-series",
    ],
  });
});

test('--json prints the findings and the series count of each metric', async () => {
  const address = await serveText(GOOD.replace(/^# HELP \w+requests.*\n/m, ''));
  const { code, stdout } = await runCommand('check', '--json', address);
  expect(code).toBe(1);
  const env = { label: 'thrift_service', values: 1 };
  expect(JSON.parse(stdout)).toEqual({
    url: `http://${address}/metrics`,
    findings: [
      {
        severity: 'error',
        rule: 'missing-help',
        metric: 'thrift_server_requests_total',
        text: 'no HELP text; add a description',
      },
    ],
    metrics: [
      { metric: 'thrift_server_requests_total', type: 'counter', series: 1, mostVaried: env },
      {
        metric: 'thrift_server_latency_seconds',
        type: 'histogram',
        series: 2,
        mostVaried: { label: 'thrift_success', values: 2 },
      },
      { metric: 'thrift_server_errors_total', type: 'counter', series: 1, mostVaried: env },
    ],
  });
});

test('--header adds a header to the request', async () => {
  const address = await serveText((request, response) => {
    const { authorization, 'x-team': team } = request.headers;
    response.statusCode = authorization === 'Bearer x' && team === 'a: b' ? 200 : 401;
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(GOOD);
  });
  const headers = ['--header', 'Authorization: Bearer x', '--header', 'X-Team: a: b'];
  expect(await runCommand('check', ...headers, address)).toMatchObject({ code: 0 });
  expect(await runCommand('check', address)).toMatchObject({ code: 2 });
});

test('an unverifiable certificate is accepted only with --insecure', async () => {
  const { key, cert } = await certify('localhost');
  const { url, close } = await startMetricsServer({
    port: 0,
    host: '127.0.0.1',
    tls: { key, cert },
  });
  onTestFinished(close);
  expect(await runCommand('check', '--insecure', url)).toMatchObject({ code: 0 });
  const { code, stderr } = await runCommand('check', url);
  expect(code).toBe(2);
  expect(stderr).toMatch(
    /^thrift-metrics: https:\S+ cannot be read: self-signed certificate\. Pass --insecure to accept any certificate\.\n$/,
  );
});

test.each([
  [['ftp://localhost'], /uses ftp\. Pass an http or https URL\.$/],
  [['http://'], /is not a URL/],
  [['localhost:1', '--max-series', '0'], /Pass a number greater than 0/],
  [['localhost:1', '--header', 'x'], /Pass a header such as/],
])('the arguments %j print one line and exit with code 2', async (args, message) => {
  const { code, stdout, stderr } = await runCommand('check', ...args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(/^thrift-metrics: .*\n$/);
  expect(stderr.trimEnd()).toMatch(message);
});

async function serveHandlers(name: string, handlers: string, construct: string): Promise<string> {
  compileModule(`check/${name}-handlers.mjs`, handlers);
  const main = compileModule(
    `check/${name}.mjs`,
    `import { startMetricsServer } from 'thrift-metrics';
    import * as handlers from './${name}-handlers.mjs';
    ${construct}
    const { url } = await startMetricsServer({ port: 0, host: '127.0.0.1' });
    console.log('at ' + url);`,
  );
  const program = startProgram(process.execPath, [main]);
  onTestFinished(() => program.stop());
  const [, url = ''] = await program.writes(/at (\S+)/);
  return url;
}

test('a real endpoint that serves what its modules declare passes', async () => {
  const url = await serveHandlers('same', HANDLERS, 'new handlers.UserHandler();');
  const modules = ['--module', 'build/cli/check/same-handlers.mjs'];
  const { code, stdout } = await runCommand('check', '--strict', ...modules, url);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
});

test('series that are served but not declared, or declared but not served, are reported', async () => {
  const url = await serveHandlers('other', HANDLERS, 'new handlers.UserHandler();');
  const declared = compileModule(
    'check/newer.mjs',
    HANDLERS.replace('async add() {}', 'async sub() {}').replace("'gold'", "'silver'"),
  );
  const { code, stdout } = await runCommand('check', '--module', declared, url);
  expect(code).toBe(1);
  const method = 'thrift_service="Calculator", thrift_method="sub"';
  const advice = '; run the version of the program that declares it, and let it load the class';
  expect(linesOf(stdout).toSorted()).toEqual(
    [
      ...['requests_total', 'latency_seconds', 'errors_total', 'active_requests'].map(
        (name) =>
          `error undeclared-series thrift_server_${name}: no class of the modules declares Calculator.add; pass every module of the program by --module`,
      ),
      `error missing-series thrift_server_requests_total: declared but not served: ${method}${advice}`,
      `error missing-series thrift_server_latency_seconds: declared but not served: ${method}, thrift_success="true"${advice}`,
      `error missing-series thrift_server_latency_seconds: declared but not served: ${method}, thrift_success="false"${advice}`,
      `error missing-series thrift_server_errors_total: declared but not served: ${method}, thrift_exception_kind="undeclared", thrift_exception_type="Error"${advice}`,
      `error missing-series thrift_server_active_requests: declared but not served: ${method}${advice}`,
      `error missing-series thrift_server_requests_total: declared but not served: thrift_service="User", thrift_method="find", tier="silver"${advice}`,
    ].toSorted(),
  );
});
