import { cp, mkdir, mkdtemp, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished } from 'vitest';

import { run } from '../consumers/run';
import type { Program } from './node';

const repository = join(__dirname, '../..');
const DIST = join(repository, 'dist');

/** The ways to measure the program. */
export const MODES = ['decorators', 'functions', 'auto'] as const;

type Mode = (typeof MODES)[number];

/** Protocols and transports that all releases of Thrift have. */
const WIRES = [
  ['TBinaryProtocol', 'TBufferedTransport'],
  ['TCompactProtocol', 'TFramedTransport'],
] as const;

/** How to run a module after another one, which an option names. */
export interface Runtime extends Program {
  readonly preload: string;
}

/** The modules of the package, as the program requires them. */
export interface Entries {
  readonly index: string;
  readonly auto: string;
}

/** The package as it is installed in a project. */
export const INSTALLED: Entries = { index: 'thrift-metrics', auto: 'thrift-metrics/auto' };

const BUILT: Entries = { index: join(DIST, 'index.js'), auto: join(DIST, 'auto.js') };

export const NODE: Runtime = { program: process.execPath, preload: '--require' };

interface Printed {
  readonly outcomes: readonly unknown[];
  readonly unhandled: readonly string[];
  readonly counts: Readonly<Record<string, number>> | null;
}

/** The calls of the program. */
const CALLS = { ping: 1, count: 1, twice: 5, divide: 2, note: 1 } as const;

/** What each way counts, as the calls of the program demand. */
const COUNTS: Readonly<Record<Mode, Readonly<Record<string, number>>>> = (() => {
  const ofEach = (metric: string): [string, number][] =>
    Object.entries(CALLS).map(([method, calls]) => [`${metric} ${method}`, calls]);
  const decorators = Object.fromEntries([
    ...ofEach('thrift_server_requests_total'),
    ['thrift_server_failed_requests_total twice declared', 1],
    ['thrift_server_failed_requests_total divide undeclared', 1],
  ]) as Record<string, number>;
  const all = {
    ...decorators,
    ...Object.fromEntries([
      ...ofEach('thrift_server_messages_total'),
      ...ofEach('thrift_client_requests_total'),
    ]),
    thrift_server_connections_total: 1,
    'thrift_client_failed_requests_total twice declared': 1,
    'thrift_client_failed_requests_total divide application': 1,
  };
  return { decorators, functions: all, auto: all };
})();

/**
 * Expects that the program in a folder behaves as it does without metrics, and that its calls are counted.
 *
 * @param folder contains the program, the generated code, and what the program requires
 */
export async function expectMeasuredIn(
  folder: string,
  runtime: Runtime,
  mode: Mode,
  entries: Entries,
): Promise<void> {
  for (const [protocol, transport] of WIRES) {
    const start = (each: Mode | 'bare'): Promise<Printed> =>
      runProgram(runtime, folder, entries, each, [protocol, transport]);
    // oxlint-disable-next-line no-await-in-loop -- a machine is not filled with processes
    const bare = await start('bare');
    // oxlint-disable-next-line no-await-in-loop -- as above
    const measured = await start(mode);
    const { outcomes, unhandled } = bare;
    expect({ protocol, transport, ...measured }).toEqual({
      protocol,
      transport,
      outcomes,
      unhandled,
      counts: COUNTS[mode],
    });
    expect({ calls: outcomes.length, unhandled }).toEqual({ calls: 10, unhandled: [] });
  }
}

/**
 * Expects the same of the program with the built package.
 *
 * @param thrift folder of the package `thrift`
 * @param generated folder of the generated code
 */
export async function expectMeasured(
  runtime: Runtime,
  thrift: string,
  generated: string,
  mode: Mode,
): Promise<void> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'thrift-metrics-service-')));
  onTestFinished(() => rm(folder, { recursive: true }));
  await copyService(folder, generated);
  const modules = join(folder, 'node_modules');
  await mkdir(modules);
  await symlink(thrift, join(modules, 'thrift'), 'dir');
  for (const name of ['node-int64', 'q', 'uuid']) {
    // oxlint-disable-next-line no-await-in-loop -- three links
    await symlink(join(repository, 'node_modules', name), join(modules, name), 'dir');
  }
  await expectMeasuredIn(folder, runtime, mode, BUILT);
}

/** Copies the program and generated code into a folder. */
export async function copyService(folder: string, generated: string): Promise<void> {
  await cp(join(__dirname, 'programs/library-service.cjs'), join(folder, 'main.cjs'));
  await cp(generated, join(folder, 'generated'), { recursive: true });
}

async function runProgram(
  { program, run: command = [], preload }: Runtime,
  folder: string,
  { index, auto }: Entries,
  mode: Mode | 'bare',
  wire: readonly string[],
): Promise<Printed> {
  const before = mode === 'auto' ? [preload, auto] : [];
  const args = [...command, ...before, join(folder, 'main.cjs'), index, mode, ...wire];
  const { code, stdout, stderr } = await run(program, args, folder, { THRIFT_METRICS_PORT: '0' });
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${stdout}${stderr}`);
  // Thrift itself prints warnings before.
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Printed;
}
