import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { startProgram, type Program } from '../support/start-program';
import { takePorts } from '../support/free-ports';
import { Clients, isClosed, scrape, scrapeWhenOpen } from './call-calculator';

const root = join(__dirname, '../..');
const AUTO = join(root, 'dist/auto.js');
const programs = join(__dirname, 'programs');
const NODE_OPTIONS = `--require=${AUTO}`;
const REQUIRE = ['--require', AUTO];

interface Started {
  readonly program: Program;
  /** The port of the Thrift service. */
  readonly port: number;
  readonly metrics: number;
  /** A port for the metrics that the program serves itself. */
  readonly own: number;
}

/** Starts a program with a free port for its service, and another for the metrics. */
async function start(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  { cwd = root, input = '' } = {},
): Promise<Started> {
  const [port = 0, metrics = 0, own = 0] = await takePorts(3);
  const program = startProgram(
    command,
    args,
    input,
    { PORT: String(port), THRIFT_METRICS_PORT: String(metrics), OWN: String(own), ...env },
    cwd,
  );
  onTestFinished(() => program.stop());
  return { program, port, metrics, own };
}

async function expectExactCounts({ program, port, metrics }: Started): Promise<void> {
  await program.writes(/^listening$/m);
  const clients = new Clients(port);
  await clients.call(5);
  expect((await scrapeWhenOpen(metrics)).requests).toBe(clients.answered);
}

function makeFolder(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'thrift-metrics-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

test('npm leaves the port to the program that it starts', async () => {
  const script = `node ${join(programs, 'server.cjs')}`;
  const cwd = makeFolder({ 'package.json': JSON.stringify({ scripts: { start: script } }) });
  const started = await start('npm', ['start', '--silent'], { NODE_OPTIONS }, { cwd });
  await expectExactCounts(started);
});

test('tsx leaves the port to the program that it starts', async () => {
  const tsx = join(root, 'node_modules/.bin/tsx');
  await expectExactCounts(await start(tsx, [join(programs, 'server.cjs')], { NODE_OPTIONS }));
});

test('a program that does not use Thrift opens no port', async () => {
  const { program, metrics } = await start('node', [join(programs, 'idle.cjs')], { NODE_OPTIONS });
  await program.writes(/^function$/m);
  expect(await isClosed(metrics)).toBe(true);
});

test('a decorated handler that another library serves opens the port', async () => {
  const { metrics } = await start('node', [...REQUIRE, join(programs, 'other-library.cjs')]);
  expect((await scrapeWhenOpen(metrics)).requests).toBe(1);
});

test.each([
  ['startMetricsServer', ''],
  ['metricsHandler', '1'],
])('what the program serves by %s wins, in every order of preloads', async (_name, MOUNTED) => {
  for (const preloads of [
    ['restricted.cjs', ''],
    ['', 'restricted.cjs'],
  ]) {
    const flags = preloads.flatMap((name) => [
      '--require',
      name === '' ? AUTO : join(programs, name),
    ]);
    const { program, port, metrics, own } = await start(
      'node',
      [...flags, join(programs, 'server.cjs')],
      { MOUNTED },
    );
    await Promise.all([program.writes(/^restricted$/m), program.writes(/^listening$/m)]);
    await new Clients(port).call(1);
    expect((await scrape(own)).status).toBe(401);
    expect(await isClosed(metrics)).toBe(true);
  }
});

test('a server of the program that needs the port gets it', async () => {
  const [port = 0, metrics = 0] = await takePorts(2);
  const { spawn } = await import('node:child_process');
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn('node', [...REQUIRE, join(programs, 'own-port.cjs')], {
    env: { PATH, HOME, PORT: String(port), THRIFT_METRICS_PORT: String(metrics) },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let written = '';
  const listens = new Promise<void>((resolve) => {
    child.stdout.on('data', (data) => {
      written += String(data);
      if (written.includes('own server listens')) resolve();
    });
  });
  child.stderr.on('data', (data) => (written += String(data)));
  expect((await scrapeWhenOpen(metrics)).status).toBe(200);
  child.stdin.write('listen\n');
  await listens;
  expect(await (await fetch(`http://127.0.0.1:${metrics}/`)).text()).toBe('own');
  expect(written).toContain(`the program itself listens on port ${metrics}`);
  expect(written).not.toContain('EADDRINUSE');
});

test('the second of two programs with the same port says so and runs', async () => {
  const first = await start('node', [...REQUIRE, join(programs, 'server.cjs')]);
  await scrapeWhenOpen(first.metrics);
  const { program, port } = await start('node', [...REQUIRE, join(programs, 'server.cjs')], {
    THRIFT_METRICS_PORT: String(first.metrics),
  });
  await program.writes(new RegExp(`port ${first.metrics} is in use`));
  const clients = new Clients(port);
  await clients.call(2);
  expect(clients.answered).toBe(2);
});
