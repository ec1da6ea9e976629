import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { version } from '../../../../package.json';
import { startProgram, type Program } from '../../../support/start-program';
import type { Diagnosis } from '../../../../src/tools/cli/doctor/diagnose';
import type { ProcessStatus } from '../../../../src/tools/status/process-status';
import { root, runCommand, writeModule } from './command';
import { serveText } from './serve-text';

const AUTO = join(root, 'dist/auto.js');
const THRIFT = (
  JSON.parse(readFileSync(join(root, 'node_modules/thrift/package.json'), 'utf8')) as {
    version: string;
  }
).version;

type Printed = ProcessStatus & { readonly url: string; readonly findings: readonly Diagnosis[] };

function start(script: string, env: Readonly<Record<string, string>> = {}): Program {
  const program = startProgram(process.execPath, ['--require', AUTO, script], '', {
    THRIFT_METRICS_PORT: '0',
    ...env,
  });
  onTestFinished(() => program.stop());
  return program;
}

/** Starts a program that `thrift-metrics/auto` measures, and returns the URL of its endpoint. */
async function startCalculator(): Promise<string> {
  const program = start('test/auto/programs/common-js.cjs');
  const [, url = ''] = await program.writes(/^thrift-metrics: (\S+)$/m);
  await program.writes(/^called: /m);
  return url;
}

async function doctor(...args: readonly string[]): Promise<Printed> {
  const { code, stdout, stderr } = await runCommand('doctor', '--json', ...args);
  expect({ isFailed: code === 2, stderr }).toEqual({ isFailed: false, stderr: '' });
  const printed = JSON.parse(stdout) as Printed;
  expect(code).toBe(printed.findings.length === 0 ? 0 : 1);
  return printed;
}

describe('a program under thrift-metrics/auto', () => {
  test('the status of a program under auto says what is measured, and has no findings', async () => {
    const url = await startCalculator();

    const { instrumented, versions, process: described, endpoints, findings } = await doctor(url);

    expect(findings).toEqual([]);
    expect(instrumented.isAutomatic).toBe(true);
    const [handler] = instrumented.handlers;
    expect(handler?.service).toBe('Calculator');
    expect(handler?.methods.map(({ method }) => method)).toContain('add');
    expect(handler?.methods[0]?.metrics).toEqual(
      expect.arrayContaining(['counted', 'timed', 'errorsCounted', 'inFlight']),
    );
    expect(instrumented.facades).toEqual([{ service: 'Calculator', count: 1 }]);
    expect(instrumented.services.map(({ service }) => service)).toEqual(['Calculator']);
    expect(instrumented.clients.map(({ service, name }) => [service, name])).toEqual([
      ['Calculator', 'Calculator'],
    ]);
    expect(instrumented.servers).toEqual([
      { transport: 'tcp', address: expect.stringMatching(/^127\.0\.0\.1:\d+$/) as string },
    ]);
    expect(versions.package).toEqual([{ version, folder: join(root, 'dist') }]);
    expect(versions.thrift).toEqual([
      { version: THRIFT, folder: join(root, 'node_modules/thrift'), isAutomatic: true },
    ]);
    expect(versions.clientLibraries.map(({ name, isUsed }) => [name, isUsed])).toEqual([
      ['prom-client', true],
    ]);
    expect(described).toMatchObject({
      program: join(root, 'test/auto/programs/common-js.cjs'),
      runtime: 'Node.js',
      runtimeVersion: process.versions.node,
      role: 'single',
      workers: 0,
    });
    expect(endpoints).toEqual([
      {
        startedBy: 'auto',
        url,
        path: '/metrics',
        tls: false,
        auth: 'none',
        page: true,
        profile: false,
      },
    ]);
  });

  test('the report of a program under auto is readable text with exit code 0', async () => {
    const url = await startCalculator();
    const { code, stdout, stderr } = await runCommand('doctor', url);
    expect({ code, stderr }).toEqual({ code: 0, stderr: `${url}/-/status: 0 findings\n` });
    for (const title of ['Process', 'Versions', 'Instrumented', 'Settings', 'Series', 'Faults']) {
      expect(stdout).toMatch(new RegExp(`^${title}$`, 'm'));
    }
    expect(stdout).toMatch(
      /^ {2}handler +Calculator +add, calculate, mean, ping +1 without decorators$/m,
    );
    expect(stdout).toMatch(/^ {2}maxSeriesPerMetric +2000 +default$/m);
    expect(stdout).toContain(
      `${url}/metrics by auto, open to everyone, no TLS, live page, no profiles`,
    );
  });

  test('a process is found by its id, and by a file that contains the id', async () => {
    const url = await startCalculator();
    const { process: described } = await doctor(url);
    const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const file = join(folder, 'calculator.pid');
    writeFileSync(file, `${described.pid}\n`);

    for (const target of [String(described.pid), file]) {
      // oxlint-disable-next-line no-await-in-loop -- two commands
      expect((await doctor(target)).process.pid).toBe(described.pid);
    }
  });
});

test('a program that does not use Thrift has a finding that says what to change', async () => {
  const program = start(
    write(`
      const { startMetricsServer } = require('thrift-metrics');
      startMetricsServer({ port: 0 }).then(({ url }) => console.log('own: ' + url));
    `),
  );
  const [, url = ''] = await program.writes(/^own: (\S+)$/m);
  const { code, stdout } = await runCommand('doctor', url);
  expect(code).toBe(1);
  expect(stdout).toMatch(/^finding nothing-measured: The process has created no Thrift server/m);
});

test('the status contains no token, no values of labels and no message of the program', async () => {
  const program = start(
    write(`
      const { configureMetrics, Instrumented, instrument, startMetricsServer } = require('thrift-metrics');
      configureMetrics({ onError: () => {} });
      const secret = 'hunter2';
      instrument(() => {}, { service: 'S', method: 'thrown', labels: { user: () => { throw new Error(secret); } } })();
      instrument(() => {}, { service: 'S', method: 'wrong', labels: { user: () => [secret] } })();
      instrument(() => {}, { service: 'S', method: 'kept', labels: { user: () => secret } })();
      startMetricsServer({ port: 0, auth: { token: secret } }).then(({ url }) => console.log('own: ' + url));
    `),
  );
  const [, url = ''] = await program.writes(/^own: (\S+)$/m);
  const refused = await runCommand('doctor', url);
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(
    /answers with 401 Unauthorized\. Pass credentials, as in --header/,
  );

  const header = ['--header', 'Authorization: Bearer hunter2'];
  const { code, stdout } = await runCommand('doctor', '--json', ...header, url);

  expect(code).toBe(1);
  expect(stdout).not.toContain('hunter2');
  const { endpoints, faults, findings } = JSON.parse(stdout) as Printed;
  expect(endpoints.map(({ auth }) => auth)).toEqual(['token']);
  expect(faults.map(({ count }) => count > 0)).toEqual([true, true]);
  expect(findings.map(({ rule }) => rule)).toEqual(['internal-errors', 'reported']);
});

test('faults and the series limit are findings', async () => {
  const program = start(
    write(`
      const { configureMetrics, instrument, startMetricsServer } = require('thrift-metrics');
      configureMetrics({ maxSeriesPerMetric: 3, onError: () => {} });
      const call = instrument(() => {}, {
        service: 'S', method: 'm', timed: false, errorsCounted: false, inFlight: false,
        labels: { id: ({ args }) => args[0] },
      });
      for (let i = 0; i < 10; i++) call(String(i));
      startMetricsServer({ port: 0 }).then(({ url }) => console.log('own: ' + url));
    `),
  );
  const [, url = ''] = await program.writes(/^own: (\S+)$/m);
  const { series, findings } = await doctor(url);
  expect(series.limit).toBe(3);
  expect(series.metrics).toContainEqual({
    metric: 'thrift_server_requests_total',
    series: 4,
    dropped: 7,
  });
  expect(findings.filter(({ rule }) => rule === 'series-limit')).toContainEqual({
    rule: 'series-limit',
    text: 'thrift_server_requests_total has 4 series of at most 3, and 7 records went to the series _other. Use fewer label values, or raise maxSeriesPerMetric.',
  });
});

test('metricsHandler answers with the status below the path where it is mounted', async () => {
  const program = start(
    write(`
      const express = require('express');
      const { metricsHandler } = require('thrift-metrics');
      const app = express();
      app.use('/internal/metrics', metricsHandler());
      const server = app.listen(0, () => console.log('own: ' + server.address().port));
    `),
  );
  const [, port] = await program.writes(/^own: (\d+)$/m);
  const { url, endpoints } = await doctor(`localhost:${port}/internal/metrics`);
  expect(url).toBe(`http://localhost:${port}/internal/metrics/-/status`);
  expect(endpoints).toContainEqual({
    startedBy: 'metricsHandler',
    url: null,
    path: null,
    tls: false,
    auth: 'none',
    page: true,
    profile: false,
  });
});

describe('the command fails in one line that says what to do', () => {
  test('doctor says that there is no process with the id', async () => {
    // No system has process ids of this size.
    expect(await runCommand('doctor', '4194305999')).toEqual({
      code: 2,
      stdout: '',
      stderr:
        'thrift-metrics: There is no process 4194305999 on this machine. Pass the id of one that runs.\n',
    });
  });

  test('doctor says that a process has named no endpoint', async () => {
    const { code, stderr } = await runCommand('doctor', String(process.pid));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^thrift-metrics: Process \d+ cannot be asked, because .*Pass the URL/);
  });

  test('doctor says that a file does not contain an id', async () => {
    const { code, stderr } = await runCommand('doctor', 'package.json');
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'thrift-metrics: package.json does not contain the id of a process. Pass a pid file.\n',
    });
  });

  test('doctor says that an endpoint serves metrics and no status', async () => {
    const address = await serveText('up 1\n');
    const { code, stderr } = await runCommand('doctor', address);
    expect(code).toBe(2);
    expect(stderr).toBe(
      `thrift-metrics: http://${address}/ has no status. Pass the address of startMetricsServer, or the one where metricsHandler is mounted; both need this version of thrift-metrics.\n`,
    );
  });

  test('doctor says that another process has taken the address', async () => {
    const url = await startCalculator();
    const file = join(tmpdir(), `thrift-metrics-${process.pid}.json`);
    writeFileSync(file, JSON.stringify({ pid: process.pid, urls: [url] }));
    onTestFinished(() => rmSync(file));
    const { code, stderr } = await runCommand('doctor', String(process.pid));
    expect(code).toBe(2);
    expect(stderr).toMatch(
      /^thrift-metrics: Process \d+ answers at .*\. Pass the id of the process that answers, or the URL\.$/m,
    );
  });
});

let written = 0;

/** Writes a program in the repository, so that it finds the package and its libraries. */
function write(code: string): string {
  const file = writeModule(`doctor-${process.pid}-${written++}.cjs`, code);
  onTestFinished(() => rmSync(file));
  return file;
}
