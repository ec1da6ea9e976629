import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';

import { expect, onTestFinished, test } from 'vitest';

import { blocksOf } from '../docs/markdown';
import { parseText, type Sample } from '../support/text-format';
import { FREE_PORTS, startCalculator } from '../support/start-calculator';
import { startProgram, type Program } from '../support/start-program';

interface Row {
  readonly method: string;
  readonly client: { calls: number; ok: number; declared: number; undeclared: number };
  readonly metrics: { requests: number; declared: number; undeclared: number };
}

const METHODS = [
  'Calculator.add',
  'Calculator.calculate',
  'Calculator.factorize',
  'Calculator.mean',
  'Calculator.ping',
  'Calculator.reset',
  'Calculator.zip',
  'SharedService.getStruct',
  'SharedService.recentKeys',
];

/** Reads the table that the example prints at its end. */
function readSummary(output: string): Row[] {
  return [...output.matchAll(/^(\w+\.\w+)((?: +\d+){7})$/gm)].map(
    ([, method = '', columns = '']) => {
      const [calls, ok, declared, undeclared, requests, ...errors] = columns
        .trim()
        .split(/ +/)
        .map(Number) as [number, number, number, number, number, number, number];
      return {
        method,
        client: { calls, ok, declared, undeclared },
        metrics: { requests, declared: errors[0], undeclared: errors[1] },
      };
    },
  );
}

const [OUTPUT = '', SERIES = ''] = blocksOf('examples/calculator/README.md')
  .filter(({ language }) => language === 'text')
  .map(({ code }) => code);

/** The distinct lines of an output without numbers, column widths and progress lines, which differ between runs. */
function shapesOf(output: string): Set<string> {
  const lines = output.split('\n').filter((line) => !line.endsWith('(Ctrl-C ends)'));
  return new Set(lines.map((line) => line.replaceAll(/\d+/g, '0').replaceAll(/ +/g, ' ')));
}

function startedCalculator(...args: string[]): Program {
  const program = startCalculator(...args);
  onTestFinished(() => program.stop());
  return program;
}

async function scrape(program: Program): Promise<Sample[]> {
  const [, url = ''] = await program.writes(/^metrics +(http\S+)$/m);
  return parseText(await (await fetch(url)).text());
}

function requestsOf(samples: Sample[], method: string): number {
  return samples
    .filter(({ name }) => name === 'thrift_server_requests_total')
    .filter(
      ({ labels }) => `${labels.get('thrift_service')}.${labels.get('thrift_method')}` === method,
    )
    .reduce((sum, { value }) => sum + value, 0);
}

test('npm start runs the calculator for a while, and its metrics match what its client counted', async () => {
  const program = startProgram('npm', ['start', '--', '--duration', '3', ...FREE_PORTS]);
  onTestFinished(() => program.stop());
  const samples = await scrape(program);

  const { code, stdout } = await program.ended;

  const rows = readSummary(stdout);
  expect(code).toBe(0);
  const printed = shapesOf(stdout);
  expect([...shapesOf(OUTPUT)].filter((line) => !printed.has(line))).toEqual([]);
  expect(rows.map(({ method }) => method)).toEqual(METHODS);
  for (const { method, client, metrics } of rows) {
    const { calls, declared, undeclared } = client;
    expect({ method, ...metrics }).toEqual({ method, requests: calls, declared, undeclared });
    expect(client.ok + declared + undeclared).toBe(calls);
    expect(requestsOf(samples, method)).toBeLessThanOrEqual(calls);
  }
  const total = (count: (row: Row) => number) => rows.reduce((sum, row) => sum + count(row), 0);
  expect(total(({ client }) => client.calls)).toBeGreaterThan(50);
  expect(total(({ client }) => client.declared)).toBeGreaterThan(0);
  expect(rows.find(({ method }) => method === 'Calculator.reset')?.client.calls).toBe(0);
  expect(stdout).toMatch(
    new RegExp(
      `^The metrics agree with the client on all ${total(({ client }) => client.calls)} calls\\.$`,
      'm',
    ),
  );
});

test('the calculator serves the series that its README shows', async () => {
  const program = startedCalculator();
  const [, url = ''] = await program.writes(/^metrics +(http\S+)$/m);
  // The series of `calculate` exist once it has been called with each operation.
  await program.writes(/^5 s {2}\d+ calls/m);

  const served = shapesOf(await (await fetch(url)).text());

  expect([...shapesOf(SERIES)].filter((line) => !served.has(line))).toEqual([]);
});

test('the calculator prints the address of the live page', async () => {
  const program = startedCalculator();
  const [, url = ''] = await program.writes(/^page +(http\S+\/)$/m);

  const response = await fetch(url);

  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
});

test('the first scrape of the calculator has every method, with the default labels from its options', async () => {
  const program = startedCalculator('--env', 'test', '--region', 'here');

  const samples = await scrape(program);

  const active = samples.filter(({ name }) => name === 'thrift_server_active_requests');
  const methods = active.map(
    ({ labels }) => `${labels.get('thrift_service')}.${labels.get('thrift_method')}`,
  );
  expect(methods.toSorted()).toEqual(METHODS);
  const ours = samples.filter(({ name }) => name.startsWith('thrift_'));
  expect(new Set(ours.map(({ labels }) => labels.get('env')))).toEqual(new Set(['test']));
  expect(new Set(ours.map(({ labels }) => labels.get('region')))).toEqual(new Set(['here']));
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
  '%s ends the calculator with its summary and exit code 0',
  async (signal) => {
    const program = startedCalculator();
    await scrape(program);

    program.signal(signal);
    const { code, stdout, stderr } = await program.ended;

    expect(stdout).toMatch(/^The metrics agree with the client on all \d+ calls\.$/m);
    expect(readSummary(stdout).map(({ method }) => method)).toEqual(METHODS);
    expect(stderr).toBe('');
    expect(code).toBe(0);
  },
);

test('Ctrl-C ends the calculator and its start script with the summary and exit code 0', async () => {
  const program = startProgram(process.execPath, ['scripts/start.mjs', ...FREE_PORTS]);
  onTestFinished(() => program.stop());
  await scrape(program);

  program.signalAll('SIGINT');
  const { code, stdout } = await program.ended;

  expect(stdout).toMatch(/^The metrics agree with the client on all \d+ calls\.$/m);
  expect(code).toBe(0);
});

test.each([
  [['--nope'], /'--nope'/],
  [['extra'], /'extra'/],
  [['--duration'], /--duration/],
  [['--duration', 'x'], /--duration .*'x'/],
  [['--duration', '0'], /--duration .*'0'/],
  [['--duration', '-1'], /--duration/],
  [['--duration', '1e3'], /--duration .*'1e3'/],
  [['--thrift-port', '65536'], /--thrift-port .*'65536'/],
  [['--thrift-port', ''], /--thrift-port .*''/],
  [['--metrics-port', '80a'], /--metrics-port .*'80a'/],
])(
  'the options %j end the calculator with exit code 2 and one line that names the wrong option',
  async (args, wrong) => {
    const { code, stdout, stderr } = await startedCalculator(...args).ended;

    expect(stderr).toMatch(/^calculator: .*\n$/);
    expect(stderr).toMatch(wrong);
    expect(stdout).toBe('');
    expect(code).toBe(2);
  },
);

test('--help prints every option of the calculator and exits with code 0', async () => {
  const { code, stdout, stderr } = await startedCalculator('--help').ended;

  for (const option of ['--thrift-port', '--metrics-port', '--duration', '--env', '--region']) {
    expect(stdout).toContain(option);
  }
  expect(stderr).toBe('');
  expect(code).toBe(0);
});

test.each(['--thrift-port', '--metrics-port'])(
  'a port in use at %s ends the calculator with exit code 1 and one line that names the port',
  async (option) => {
    const other = createServer().listen(0);
    onTestFinished(() => void other.close());
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;

    const { code, stderr } = await startedCalculator(option, String(port)).ended;

    expect(stderr).toMatch(new RegExp(`^calculator: .*\\b${port}\\b.*in use.*\\n$`));
    expect(code).toBe(1);
  },
);
