import { expect, test } from 'vitest';

import { runCommand, startCommand } from './command';
import { serveText } from './serve-text';

/**
 * The metrics after a number of calls of one method. Some of them failed, two in five of these with an undeclared error.
 * Half take at most 0.1 s.
 */
function textAfter(calls: number, failed: number, method = 'add', active = 1): string {
  const labels = `thrift_service="Calculator",thrift_method="${method}"`;
  const latency = (success: string, count: number) =>
    `thrift_server_latency_seconds_bucket{${labels},thrift_success="${success}",le="0.1"} ${count / 2}
thrift_server_latency_seconds_bucket{${labels},thrift_success="${success}",le="0.2"} ${count}
thrift_server_latency_seconds_bucket{${labels},thrift_success="${success}",le="+Inf"} ${count}
thrift_server_latency_seconds_sum{${labels},thrift_success="${success}"} 1
thrift_server_latency_seconds_count{${labels},thrift_success="${success}"} ${count}
`;
  return `# TYPE thrift_server_requests_total counter
thrift_server_requests_total{${labels}} ${calls}
# TYPE thrift_server_latency_seconds histogram
${latency('true', calls - failed)}${latency('false', failed)}# TYPE thrift_server_errors_total counter
thrift_server_errors_total{${labels},thrift_exception_type="Refused",thrift_exception_kind="declared"} ${failed * 0.6}
thrift_server_errors_total{${labels},thrift_exception_type="Error",thrift_exception_kind="undeclared"} ${failed * 0.4}
# TYPE thrift_server_active_requests gauge
thrift_server_active_requests{${labels}} ${active}
`;
}

const ONCE = ['--once', '--json', '--interval', '0.1'];

interface Report {
  readonly time: string;
  readonly instances: readonly { url: string; up: boolean; error: string | null }[];
  readonly methods: readonly Record<string, unknown>[];
}

async function reportOf(...args: readonly string[]): Promise<Report> {
  const { code, stdout, stderr } = await runCommand('top', ...ONCE, ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Report;
}

test('the report covers what happened between two scrapes', async () => {
  const address = await serveText(textAfter(1000, 500), textAfter(1040, 510));
  const { instances, methods } = await reportOf(address);
  expect(instances).toEqual([{ url: `http://${address}/metrics`, up: true, error: null }]);
  expect(methods).toEqual([
    {
      service: 'Calculator',
      method: 'add',
      rate: expect.any(Number),
      failedRatio: 0.25,
      badRatio: 0.1,
      p50: expect.closeTo(0.1, 10),
      p95: expect.closeTo(0.19, 10),
      p99: expect.closeTo(0.198, 10),
      inFlight: 1,
      oldest: null,
      budget: null,
      loopShare: null,
    },
  ]);
  expect(methods[0]?.['rate']).toBeGreaterThan(0);
});

test('after a restart between two scrapes, counters are read from 0', async () => {
  const address = await serveText(textAfter(1000, 500), textAfter(40, 10));
  const { methods } = await reportOf(address);
  expect(methods[0]).toMatchObject({
    failedRatio: 0.25,
    badRatio: 0.1,
    p95: expect.closeTo(0.19, 10),
  });
});

test('the calls of all instances are summed', async () => {
  const one = await serveText(textAfter(0, 0), textAfter(40, 0));
  const two = await serveText(textAfter(0, 0), textAfter(40, 20));
  const { methods } = await reportOf(one, two);
  expect(methods).toHaveLength(1);
  expect(methods[0]).toMatchObject({ failedRatio: 0.25, badRatio: 0.1, inFlight: 2 });
});

test('an instance that is down is reported and the others are still shown', async () => {
  const address = await serveText(textAfter(0, 0), textAfter(40, 10));
  const { instances, methods } = await reportOf(address, 'localhost:1');
  expect(instances).toEqual([
    { url: `http://${address}/metrics`, up: true, error: null },
    {
      url: 'http://localhost:1/metrics',
      up: false,
      error: expect.stringContaining('ECONNREFUSED'),
    },
  ]);
  expect(methods[0]).toMatchObject({ failedRatio: 0.25, badRatio: 0.1 });
});

test('when every instance is down, nothing is shown and the exit code is 2', async () => {
  const { code, stdout, stderr } = await runCommand('top', 'localhost:1', 'localhost:2');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toMatch(
    /^thrift-metrics: http:\/\/localhost:1\/\S+ cannot.* http:\/\/localhost:2\/.*\n$/,
  );
});

test('output to a pipe is one sorted table without terminal decoration', async () => {
  const texts = [textAfter(0, 0), textAfter(40, 10)];
  const both = texts.map(
    (text, i) => text + textAfter(i * 80, 0, 'sub', 0).replaceAll(/^#.*\n/gm, ''),
  );
  const run = async (...args: string[]) => {
    const { code, stdout } = await runCommand(
      'top',
      '--interval',
      '0.1',
      ...args,
      await serveText(...both),
    );
    expect(code).toBe(0);
    return stdout
      .trimEnd()
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/));
  };
  const rate = expect.stringMatching(/^\d+\.\d$/);
  const sub = ['Calculator.sub', rate, '0.0%', '0.0%', '<100ms', '190ms', '198ms', '0', '-'];
  const add = ['Calculator.add', rate, '25.0%', '10.0%', '<100ms', '190ms', '198ms', '1', '-'];
  const head = ['METHOD', 'RATE/S', 'FAILED', 'BAD', 'P50', 'P95', 'P99', 'IN FLIGHT', 'OLDEST'];
  expect(await run()).toEqual([head, add, sub]);
  expect(await run('--once', '--sort', 'rate')).toEqual([head, sub, add]);
});

test('--json prints one object per line until the program is stopped', async () => {
  const address = await serveText(textAfter(0, 0), textAfter(40, 10), textAfter(40, 10));
  const program = startCommand('top', '--json', '--interval', '0.1', address);
  await program.writes(/^(?:.+\n){3}/);
  program.signal('SIGTERM');
  const { stdout } = await program.ended;
  const [first, second] = stdout
    .split('\n')
    .map((line) => (line === '' ? null : (JSON.parse(line) as Report)));
  expect(first?.methods[0]).toMatchObject({ failedRatio: 0.25, badRatio: 0.1 });
  // No calls happened, so there is no ratio and no percentile.
  expect(second?.methods[0]).toMatchObject({
    rate: 0,
    failedRatio: null,
    badRatio: null,
    p50: null,
    inFlight: 1,
  });
});
